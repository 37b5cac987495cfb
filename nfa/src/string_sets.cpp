#include "string_sets.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "expr_tables.hpp"
#include "predicate_shape.hpp"
#include "weir/event/utf8.hpp"

namespace weir::nfa {
namespace {

/// Shorter ones are found so often that they cost more than all others together.
constexpr std::size_t kLeastLiteral = 3;
/// Fewer patterns about one thing make no set.
constexpr std::size_t kLeastSet = 3;
/// Signs by their numbers, so that nothing has a meaning.
std::string escaped(std::string_view literal) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : literal) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z');
    if (plain) {
      out += c;
      continue;
    }
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

/// A text holds the literal exactly if the text with U+FFFD for what is no UTF-8 does: its code
/// points are all kept, side by side, and none of them is made. So one scan of the repaired text
/// serves literals and regular expressions.
bool survives_repair(std::string_view literal) {
  return utf8::valid(literal) && literal.find("\xEF\xBF\xBD") == std::string_view::npos;
}

bool is_literal(std::string_view text) {
  return text.size() >= kLeastLiteral && survives_repair(text);
}

HsPattern literal_pattern(std::string_view text) {
  return {escaped(text), HS_FLAG_SINGLEMATCH};
}

/// A pattern of `like` as an expression; empty where it has to be asked alone. `*` is any bytes:
/// pieces of whole code points are found between code points only.
std::string like_expression(std::string_view pattern) {
  std::string out = "\\A";
  std::string piece;
  std::size_t longest = 0;
  const auto end_piece = [&] {
    longest = std::max(longest, piece.size());
    const bool ok = survives_repair(piece);
    out += escaped(piece);
    piece.clear();
    return ok;
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '?') return {};
    if (pattern[i] == '*') {
      if (!end_piece()) return {};
      if (!out.ends_with(".*")) out += ".*";
      continue;
    }
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    piece += pattern[i];
  }
  if (!end_piece() || longest < kLeastLiteral) return {};
  return out + "\\z";
}

/// For kLeastSet patterns a scan takes as long as two or three tests, for 10,000 as long as
/// fifteen.
std::size_t break_even(std::size_t patterns) noexcept {
  return 2 + patterns / 700;
}

}  // namespace

StringSet::StringSet(ExprId subject, std::uint32_t first_pattern, std::vector<HsPattern> patterns,
                     std::size_t either)
    : subject_(subject),
      first_pattern_(first_pattern),
      size_(patterns.size()),
      either_(either),
      break_even_(nfa::break_even(patterns.size())),
      patterns_(std::move(patterns)) {}

std::size_t StringSet::scan(std::string_view text, std::uint32_t* found) const {
  if (!built_.load(std::memory_order_acquire)) {
    StringBuildStats ignored;
    build(nullptr, ignored);
  }
  if (either_ == size_ || utf8::valid(text)) return scan_valid(text, found);
  std::string room;
  return scan_valid(repaired(text, room), found);
}

/// REQUIRES: the text is UTF-8, or no pattern minds.
std::size_t StringSet::scan_valid(std::string_view text, std::uint32_t* found) const {
  struct Hits {
    std::uint32_t first;
    std::uint32_t* end;
    const std::uint32_t* room;  // for each pattern once, as HS_FLAG_SINGLEMATCH promises
  };
  const auto add = [](unsigned pattern, unsigned long long, unsigned long long, unsigned,
                      void* context) {
    auto* hits = static_cast<Hits*>(context);
    if (hits->end == hits->room) return 1;
    *hits->end++ = hits->first + pattern;
    return 0;
  };
  Hits hits{0, found, found + size_};
  for (const Piece& piece : pieces_) {
    hits.first = piece.first;
    piece.database.scan(text, add, &hits);
  }
  return static_cast<std::size_t>(hits.end - found);
}

/// Takes part in the interning of patterns, subject by subject.
class StringSets::Collector {
 public:
  Collector(const ExprPool& pool, const ExprTables& tables) : pool_(pool), tables_(tables) {}

  void collect();
  void fill(StringSets& out);

 private:
  struct Wanted {
    HsPattern pattern;
    bool either = false;
    std::vector<std::uint32_t> places;  // of the pool's arguments
  };
  struct OfSubject {
    std::vector<Wanted> wanted;  // in the order in which they were first met
    std::unordered_map<std::string, std::size_t> known;
  };

  void add(ExprId subject, HsPattern pattern, bool either, std::size_t place);
  void add_member(ExprId predicate, std::size_t arg);

  const ExprPool& pool_;
  const ExprTables& tables_;
  std::map<ExprId, OfSubject> subjects_;
};

void StringSets::Collector::add(ExprId subject, HsPattern pattern, bool either, std::size_t place) {
  OfSubject& of = subjects_[subject];
  const auto [it, fresh] = of.known.try_emplace(
      std::to_string(pattern.flags) + ' ' + pattern.expression, of.wanted.size());
  if (fresh) of.wanted.push_back({std::move(pattern), either, {}});
  of.wanted[it->second].places.push_back(static_cast<std::uint32_t>(place));
}

void StringSets::Collector::add_member(ExprId predicate, std::size_t arg) {
  const auto args = pool_.args(predicate);
  const Value& v = pool_.at(args[arg]).value;
  if (v.type() != ValueType::kString) return;
  const std::size_t place = pool_.at(predicate).first_arg + arg;
  std::string_view literal = v.as_string();
  LikeShape shape;
  if (pool_.at(predicate).op == Op::kLike) {
    shape = like_shape(literal);
    if (shape.kind == LikeShape::Kind::kOther) {
      std::string expression = like_expression(literal);
      if (expression.empty()) return;
      add(args[0], {std::move(expression), HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL}, true, place);
      return;
    }
    if (shape.kind != LikeShape::Kind::kContains) return;
    literal = shape.text;
  }
  if (is_literal(literal)) add(args[0], literal_pattern(literal), true, place);
}

void StringSets::Collector::collect() {
  for (ExprId id = 0; id < pool_.size(); ++id) {
    const ExprNode& n = pool_.at(id);
    if (!n.one_event) continue;
    const auto args = pool_.args(id);
    if (n.op == Op::kMatches && is_subject(pool_, args[0])) {
      const Regex& regex = *tables_.regexes[n.a];
      const bool either = regex.sees() == Regex::Sees::kAscii;
      if (regex.sees() != Regex::Sees::kBytes) {
        add(args[0], regex.pattern(), either, n.first_arg);
      }
    }
    if (n.op != Op::kContains && n.op != Op::kLike) continue;
    if (!is_subject(pool_, args[0]) || !all_constant(pool_, args.subspan(1))) continue;
    for (std::size_t arg = 1; arg < args.size(); ++arg) add_member(id, arg);
  }
}

void StringSets::Collector::fill(StringSets& out) {
  for (auto& [subject, of] : subjects_) {
    if (of.wanted.size() < kLeastSet) continue;
    const auto utf8 = std::ranges::stable_partition(of.wanted, &Wanted::either);
    const std::size_t either = of.wanted.size() - utf8.size();
    const auto first = static_cast<std::uint32_t>(out.set_of_.size());
    std::vector<HsPattern> patterns;
    for (Wanted& w : of.wanted) {
      for (const std::uint32_t place : w.places) {
        out.pattern_of_[place] = static_cast<std::uint32_t>(out.set_of_.size());
      }
      out.set_of_.push_back(static_cast<std::uint32_t>(out.sets_.size()));
      patterns.push_back(std::move(w.pattern));
    }
    out.sets_.push_back(std::make_unique<StringSet>(subject, first, std::move(patterns), either));
  }
}

StringSets::StringSets(const ExprPool& pool, const ExprTables& tables) {
  std::size_t places = 0;
  for (ExprId id = 0; id < pool.size(); ++id) {
    places = std::max<std::size_t>(places, pool.at(id).first_arg + pool.at(id).arg_count);
  }
  pattern_of_.resize(places, kNone);
  Collector collector(pool, tables);
  collector.collect();
  collector.fill(*this);
}

std::uint32_t StringSets::set_of_subject(ExprId subject) const noexcept {
  // They are made in the order of their subjects.
  const auto at = std::ranges::lower_bound(
      sets_, subject, {}, [](const std::unique_ptr<StringSet>& set) { return set->subject(); });
  return static_cast<std::uint32_t>(at - sets_.begin());
}

}  // namespace weir::nfa
