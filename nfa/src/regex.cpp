#include "regex.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <limits>
#include <vector>

#include "weir/event/utf8.hpp"

namespace weir::nfa {
namespace {

/// A thread's scratch, grown to fit each database that the thread has matched with.
class ThreadScratch {
 public:
  ThreadScratch() = default;
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;
  ~ThreadScratch() { hs_free_scratch(scratch_); }

  /// Null where there is no memory for it.
  hs_scratch_t* fitting(std::uint32_t id, const hs_database_t* database) {
    if (id >= fits_.size()) fits_.resize(id + std::size_t{1}, false);
    if (!fits_[id]) {
      if (hs_alloc_scratch(database, &scratch_) != HS_SUCCESS) return nullptr;
      fits_[id] = true;
    }
    return scratch_;
  }

 private:
  hs_scratch_t* scratch_ = nullptr;
  std::vector<bool> fits_;  // by id: databases come and go, their addresses are used again
};

ThreadScratch& thread_scratch() {
  thread_local ThreadScratch scratch;
  return scratch;
}

std::atomic<std::uint32_t> next_id{0};

std::string reason(const hs_compile_error_t* failure) {
  std::string text = failure != nullptr && failure->message != nullptr ? failure->message : "";
  if (text.find("Zero-width assertions") != std::string::npos ||
      text.find("Lookahead") != std::string::npos || text.find("lookbehind") != std::string::npos) {
    return "look-around has no place in a regular expression that is matched in linear time";
  }
  if (text.find("Back-references") != std::string::npos) {
    return "back-references have no place in a regular expression that is matched in linear time";
  }
  if (text.find("too large") != std::string::npos || text.find("limit") != std::string::npos) {
    return "the regular expression is too large: " + text;
  }
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return "the regular expression cannot be compiled";
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return "the regular expression cannot be compiled: " + text;
}

int on_match(unsigned, unsigned long long, unsigned long long, unsigned, void* found) {
  *static_cast<bool*>(found) = true;
  return 1;  // the first is enough
}

}  // namespace

std::unique_ptr<Regex> Regex::compile(std::string_view expression, bool ignore_case,
                                      std::string& error) {
  // Hyperscan takes a C string.
  if (expression.find('\0') != std::string_view::npos) {
    error = "a regular expression cannot hold NUL; write \\x00";
    return nullptr;
  }
  const bool utf8 = weir::utf8::valid(expression);
  unsigned flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
  if (utf8) flags |= HS_FLAG_UTF8;
  if (ignore_case) flags |= HS_FLAG_CASELESS;
  std::string text(expression);
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const hs_error_t code =
      hs_compile(text.c_str(), flags, HS_MODE_BLOCK, nullptr, &database, &failure);
  if (code != HS_SUCCESS) {
    error = reason(failure);
    hs_free_compile_error(failure);
    return nullptr;
  }
  return std::unique_ptr<Regex>(new Regex(std::move(text), ignore_case, utf8, database));
}

Regex::Regex(std::string expression, bool ignore_case, bool utf8, hs_database* database)
    : expression_(std::move(expression)),
      ignore_case_(ignore_case),
      utf8_(utf8),
      database_(database),
      id_(next_id.fetch_add(1, std::memory_order_relaxed)) {}

Regex::~Regex() {
  hs_free_database(database_);
}

bool Regex::found_in(std::string_view text) const {
  std::string repaired;
  // What Hyperscan finds in text that is no UTF-8 is undefined under HS_FLAG_UTF8.
  if (utf8_ && !weir::utf8::valid(text)) {
    weir::utf8::append_repaired(repaired, text);
    text = repaired;
  }
  hs_scratch_t* scratch = thread_scratch().fitting(id_, database_);
  if (scratch == nullptr) return false;
  constexpr std::size_t kLongest = std::numeric_limits<unsigned>::max();
  bool found = false;
  // A null pointer is refused even for an empty text.
  hs_scan(database_, text.empty() ? "" : text.data(),
          static_cast<unsigned>(std::min(text.size(), kLongest)), 0, scratch, on_match, &found);
  return found;
}

}  // namespace weir::nfa
