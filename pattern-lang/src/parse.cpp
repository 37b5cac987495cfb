#include "weir/pattern-lang/parse.hpp"

#include <utility>

#include "expression.hpp"
#include "lexical.hpp"
#include "pattern.hpp"

namespace weir::lang {
namespace {

namespace x3 = boost::spirit::x3;

bool too_large(const SnippetPtr& snippet, Reporter& reporter) {
  if (snippet->text.size() <= kMaxPatternBytes) return false;
  reporter.report(Code::E0138, {0, 0}, "this text is too large",
                  "a pattern or an expression has at most " + std::to_string(kMaxPatternBytes) +
                      " bytes; large sets of values belong in a table");
  return true;
}

/// Tokens that a recursive grammar may safely read; nothing where there are none.
std::optional<Tokens> prepare(Reporter& reporter, std::string_view what) {
  if (too_large(reporter.snippet(), reporter)) return std::nullopt;
  Tokens tokens = read_tokens(reporter);
  if (tokens.size() == 2) {
    if (!reporter.failed()) {
      reporter.report(Code::E0136, {0, 0}, "there is no " + std::string(what) + " here");
    }
    return std::nullopt;
  }
  // A second look, because closing parentheses that close nothing have been taken out.
  if (!check_nesting(tokens, reporter) || tokens.size() == 2) return std::nullopt;
  // A second end, because grammars look one token past the one that they stand at.
  tokens.push_back(tokens.back());
  return tokens;
}

/// Runs a grammar over the tokens; whatever expectation point no rule recovered from ends here.
template <typename Rule>
void run(const Rule& rule, const Tokens& tokens, PatternBuilder& builder) {
  At first = tokens.data() + 1;
  const At last = tokens.data() + tokens.size() - 1;
  x3::unused_type unused;
  try {
    const bool matched =
        rule.parse(first, last, x3::make_context<grammar::BuilderTag>(builder), unused, unused);
    // Every way to fail is an expectation point; this is for the one that was forgotten.
    if (!matched && !builder.reporter().failed()) {
      explain_fault(Fault::kPatternEnd, first, builder.reporter());
    }
  } catch (const x3::expectation_failure<At>& failure) {
    explain_fault(grammar::fault_of(failure), failure.where(), builder.reporter());
  }
}

}  // namespace

Tokens read_tokens(Reporter& reporter) {
  LexicalBuilder builder(reporter);
  const char* first = reporter.text().data();
  const char* const last = first + reporter.text().size();
  x3::phrase_parse(first, last, x3::with<grammar::BuilderTag>(builder)[grammar::tokens],
                   grammar::blank);
  return builder.take();
}

std::optional<Pattern> parse_pattern(SnippetPtr snippet, Diagnostics& diagnostics) {
  Reporter reporter(std::move(snippet), diagnostics);
  const auto tokens = prepare(reporter, "pattern");
  if (!tokens) return std::nullopt;
  PatternBuilder builder(reporter);
  run(grammar::pattern, *tokens, builder);
  if (reporter.failed()) return std::nullopt;
  Pattern pattern = builder.take_pattern();
  check_shape(pattern, reporter);
  if (reporter.failed()) return std::nullopt;
  return pattern;
}

ExprText parse_expression(SnippetPtr snippet, Diagnostics& diagnostics) {
  Reporter reporter(snippet, diagnostics);
  ExprText result{std::move(snippet), nullptr};
  const auto tokens = prepare(reporter, "expression");
  if (!tokens) return result;
  PatternBuilder builder(reporter);
  run(grammar::whole_expression, *tokens, builder);
  if (reporter.failed()) return result;
  ExprPtr root = builder.take_expression();
  // Taking it is what finds misplaced tuples.
  if (!reporter.failed()) result.root = std::move(root);
  return result;
}

}  // namespace weir::lang
