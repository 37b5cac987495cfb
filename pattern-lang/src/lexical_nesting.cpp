// The pass between the grammars: parentheses are paired before anything recursive reads them.
#include <algorithm>

#include "lexical_token.hpp"

namespace weir::lang {
namespace {

/// One open parenthesis. The tree that is built of its inside is at most as deep as its operators
/// are many (chains lean to the left) and what stands in its own parentheses is deep.
struct Level {
  std::size_t open = 0;    // index of its token
  int prefixes = 0;        // of `not` and `-` right before the next token
  bool after_not = false;  // the last of them is a `not`
  int cost = 1;            // what it adds to the depth
  int operators = 0;       // since the last comma
  int deepest_inside = 0;  // since the last comma
  int deepest = 0;         // of the parts before it

  void end_part() {
    deepest = std::max(deepest, operators + deepest_inside);
    operators = 0;
    deepest_inside = 0;
  }
};

bool is_operator(const Token& t) {
  switch (t.kind) {
    case TokenKind::kStar:
    case TokenKind::kPlus:
    case TokenKind::kMinus:
    case TokenKind::kSlash:
    case TokenKind::kPercent:
      return true;
    case TokenKind::kWord:
      return t.word == Word::kOr || t.word == Word::kAnd || t.word == Word::kNot;
    default:
      return false;
  }
}

class Nesting {
 public:
  Nesting(Tokens& tokens, Reporter& reporter) : tokens_(tokens), reporter_(reporter) {
    levels_.emplace_back();
  }

  bool run() {
    for (std::size_t i = 1; i + 1 < tokens_.size(); ++i) {
      const Token& t = tokens_[i];
      if (t.kind == TokenKind::kLeftParen) {
        if (!open(i)) return false;
      } else if (t.kind == TokenKind::kRightParen) {
        if (!close(i)) return false;
      } else if (!other(t)) {
        return false;
      }
    }
    return finish();
  }

 private:
  bool too_deep(Span span) {
    reporter_.report(Code::E0137, span, "this is nested too deeply",
                     "parentheses and `not`s stand inside one another at most " +
                         std::to_string(kMaxNesting) + " deep");
    return false;
  }
  bool too_long(Span span) {
    reporter_.report(
        Code::E0137, span, "this chain of operators is too long",
        "at most " + std::to_string(kMaxOperators) +
            " operators stand in one expression; `x in (…)` takes any number of values");
    return false;
  }

  bool open(std::size_t i) {
    // The parenthesis of `not (…)` is not counted beside the `not`: the printer adds such ones, and
    // what it prints must be no deeper than what was read.
    const Level& outer = levels_.back();
    const int cost = outer.prefixes + (outer.after_not ? 0 : 1);
    depth_ += cost;
    if (depth_ > kMaxNesting) return too_deep(tokens_[i].span);
    Level& level = levels_.emplace_back();
    level.open = i;
    level.cost = cost;
    return true;
  }

  bool close(std::size_t i) {
    if (levels_.size() == 1) {
      reporter_
          .report(Code::E0105, tokens_[i].span, "this parenthesis closes nothing",
                  "remove it, or open one before")
          .label = "no `(` belongs to it";
      tokens_[i].kind = TokenKind::kEnd;
      extra_ = true;
      return true;
    }
    levels_.back().end_part();
    const int inside = levels_.back().deepest;
    depth_ -= levels_.back().cost;
    levels_.pop_back();
    Level& level = levels_.back();
    level.prefixes = 0;
    level.after_not = false;
    level.deepest_inside = std::max(level.deepest_inside, inside);
    return level.operators + level.deepest_inside <= kMaxOperators || too_long(tokens_[i].span);
  }

  bool other(const Token& t) {
    Level& level = levels_.back();
    const bool prefix =
        t.kind == TokenKind::kMinus || (t.kind == TokenKind::kWord && t.word == Word::kNot);
    level.prefixes = prefix ? level.prefixes + 1 : 0;
    level.after_not = prefix && t.kind == TokenKind::kWord;
    if (depth_ + level.prefixes > kMaxNesting) return too_deep(t.span);
    const bool part_ends =
        t.kind == TokenKind::kComma || (t.kind == TokenKind::kWord && t.word == Word::kWhere);
    if (part_ends) level.end_part();
    if (!is_operator(t)) return true;
    ++level.operators;
    return level.operators + level.deepest_inside <= kMaxOperators || too_long(t.span);
  }

  bool finish() {
    for (std::size_t i = 1; i < levels_.size() && !reporter_.unclosed_string; ++i) {
      const Span end = tokens_.back().span;
      const Span open = tokens_[levels_[i].open].span;
      Diagnostic& d = reporter_.report(Code::E0104, open, "this parenthesis is not closed",
                                       "add the missing `)`");
      d.label = "opened here";
      d.others.push_back({Place{reporter_.snippet(), end}, "the text ends here"});
    }
    if (levels_.size() > 1) {
      Token closing;
      closing.kind = TokenKind::kRightParen;
      closing.span = tokens_.back().span;
      tokens_.insert(tokens_.end() - 1, levels_.size() - 1, closing);
    }
    if (extra_) {
      const auto is_extra = [](const Token& t) { return t.kind == TokenKind::kEnd; };
      tokens_.erase(std::remove_if(tokens_.begin() + 1, tokens_.end() - 1, is_extra),
                    tokens_.end() - 1);
    }
    return true;
  }

  Tokens& tokens_;
  Reporter& reporter_;
  std::vector<Level> levels_;
  bool extra_ = false;  // some tokens were struck out (made kEnd)
  int depth_ = 0;
};

}  // namespace

bool check_nesting(Tokens& tokens, Reporter& reporter) {
  return Nesting(tokens, reporter).run();
}

}  // namespace weir::lang
