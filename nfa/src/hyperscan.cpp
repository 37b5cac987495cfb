#include "hyperscan.hpp"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <vector>

#include "weir/event/value.hpp"

namespace weir::nfa {
namespace {

/// A thread's scratch, grown to fit each database that the thread has scanned with.
class ThreadScratch {
 public:
  ThreadScratch() = default;
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;
  ~ThreadScratch() { hs_free_scratch(scratch_); }

  /// False where there is no memory for it.
  bool grow(std::uint32_t id, const hs_database_t* database) {
    if (hs_alloc_scratch(database, &scratch_) != HS_SUCCESS) return false;
    if (id >= fits_.size()) fits_.resize(id + std::size_t{1}, 0);
    fits_[id] = 1;
    return true;
  }
  hs_scratch_t* get() const noexcept { return scratch_; }
  std::span<const std::uint8_t> fits() const noexcept { return fits_; }

 private:
  hs_scratch_t* scratch_ = nullptr;
  std::vector<std::uint8_t> fits_;  // by id: databases come and go, their addresses are used again
};

// What a ThreadScratch holds, where it is read without the test whether that has been made.
constinit thread_local hs_scratch_t* known_scratch = nullptr;
constinit thread_local std::span<const std::uint8_t> known_fits;

[[gnu::noinline]] hs_scratch_t* grown_scratch(std::uint32_t id, const hs_database_t* database) {
  thread_local ThreadScratch scratch;
  const bool grown = scratch.grow(id, database);
  known_scratch = scratch.get();
  known_fits = scratch.fits();
  return grown ? known_scratch : nullptr;
}

/// Null where there is no memory for it.
hs_scratch_t* fitting_scratch(std::uint32_t id, const hs_database_t* database) {
  const bool fits = id < known_fits.size() && known_fits[id] != 0;
  return fits ? known_scratch : grown_scratch(id, database);
}

std::atomic<std::uint32_t> next_id{0};

/// What a counted repeat, {n}, {n,} or {n,m}, that begins at `at` multiplies; 1 where it is none.
std::size_t repeat_at(std::string_view expression, std::size_t at) noexcept {
  std::size_t most = 1;
  std::size_t number = 0;
  for (std::size_t i = at + 1; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c >= '0' && c <= '9') {
      number = std::min<std::size_t>(number * 10 + static_cast<std::size_t>(c - '0'), 100000);
      most = std::max(most, number);
    } else if (c == ',') {
      number = 0;
    } else {
      return c == '}' ? most : 1;
    }
  }
  return 1;
}

/// A bound on the states of the automaton, rough and from above.
std::size_t size_bound(std::string_view expression) noexcept {
  constexpr std::size_t kCodePoint = 12;    // states of "any code point but", in UTF-8
  constexpr std::size_t kProperty = 10000;  // \p{...} may be hundreds of ranges
  constexpr std::size_t kMost = 1000000;
  std::size_t atoms = 0;
  std::size_t times = 1;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    ++atoms;
    if (c == '.' || (c == '[' && i + 1 < expression.size() && expression[i + 1] == '^')) {
      atoms += kCodePoint;
    } else if (c == '\\' && i + 1 < expression.size()) {
      const char escaped = expression[++i];
      if (escaped == 'p' || escaped == 'P') atoms += kProperty;
      if (std::isupper(static_cast<unsigned char>(escaped)) != 0) atoms += kCodePoint;
    } else if (c == '{') {
      times = std::min(times * repeat_at(expression, i), kMost);
    }
  }
  return std::min(atoms, kMost) * times;
}

}  // namespace

HsDatabase::HsDatabase(hs_database* database)
    : database_(database), id_(next_id.fetch_add(1, std::memory_order_relaxed)) {}
HsDatabase::HsDatabase(HsDatabase&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), id_(other.id_) {}
HsDatabase& HsDatabase::operator=(HsDatabase&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(id_, other.id_);
  return *this;
}
HsDatabase::~HsDatabase() {
  hs_free_database(database_);
}

std::optional<HsDatabase> HsDatabase::compile(std::span<const HsPattern> patterns,
                                              std::string& error) {
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const HsPattern& p : patterns) {
    ids.push_back(static_cast<unsigned>(ids.size()));
    expressions.push_back(p.expression.c_str());
    flags.push_back(p.flags);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const hs_error_t code = hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                                           static_cast<unsigned>(ids.size()), HS_MODE_BLOCK,
                                           nullptr, &database, &failure);
  if (code == HS_SUCCESS) return HsDatabase(database);
  error = failure != nullptr && failure->message != nullptr ? failure->message : "";
  hs_free_compile_error(failure);
  return std::nullopt;
}

std::optional<HsDatabase> HsDatabase::deserialize(std::string_view bytes) {
  hs_database_t* database = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &database) != HS_SUCCESS) {
    return std::nullopt;
  }
  return HsDatabase(database);
}

std::string HsDatabase::serialize() const {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database_, &bytes, &size) != HS_SUCCESS) return {};
  std::string out(bytes, size);
  std::free(bytes);  // Hyperscan's allocator where no other is set
  return out;
}

void HsDatabase::scan(std::string_view text, HsHandler handler, void* context) const {
  hs_scratch_t* scratch = fitting_scratch(id_, database_);
  if (scratch == nullptr) return;
  constexpr std::size_t kLongest = std::numeric_limits<unsigned>::max();
  // A null pointer is refused even for an empty text.
  hs_scan(database_, text.empty() ? "" : text.data(),
          static_cast<unsigned>(std::min(text.size(), kLongest)), 0, scratch, handler, context);
}

std::size_t HsDatabase::memory() const {
  std::size_t size = 0;
  return hs_database_size(database_, &size) == HS_SUCCESS ? size : 0;
}

// hs_expression_info parses the pattern and builds its graph, some tenth of the work of compiling
// it. It does not see that an automaton will be too large; what might be is compiled. It refuses a
// few patterns that compiling takes, once they are reduced.
bool hs_accepts(const HsPattern& pattern, std::string& error) {
  // Hyperscan gives up beyond 512 states of one automaton.
  constexpr std::size_t kSurelySmall = 400;
  if (size_bound(pattern.expression) <= kSurelySmall) {
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* failure = nullptr;
    const hs_error_t code =
        hs_expression_info(pattern.expression.c_str(), pattern.flags, &info, &failure);
    std::free(info);
    hs_free_compile_error(failure);
    if (code == HS_SUCCESS) return true;
  }
  return HsDatabase::compile({&pattern, 1}, error).has_value();
}

std::string hs_content_key(std::span<const HsPattern> patterns) {
  hs_platform_info_t platform{};
  hs_populate_platform(&platform);
  std::string all = fmt::format("{}\n{} {}\n", hs_version(), platform.tune, platform.cpu_features);
  for (const HsPattern& p : patterns) {
    all += fmt::format("{} {} {}\n", p.flags, p.expression.size(), p.expression);
  }
  return fmt::format("{:016x}{:016x}", hash_value(Value::string(all), 1),
                     hash_value(Value::string(all), 2));
}

}  // namespace weir::nfa
