// Message templates: "{t.user} moved {t.amount}"; {{ and }} are braces.
#include <fmt/format.h>

#include "weir/pattern-lang/parse.hpp"
#include "yaml/document_reader.hpp"
#include "yaml/values.hpp"

namespace weir::lang::yaml {
namespace {

// The brace that closes the one before `at`: strings, and braces inside one another, are passed
// over.
std::size_t closing_brace(std::string_view text, std::size_t at) {
  int depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && c == '{') {
      ++depth;
    } else if (!in_string && c == '}' && depth-- == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

class MessageReader {
 public:
  MessageReader(SourceReader& source, SnippetPtr snippet)
      : source_(source), snippet_(std::move(snippet)), text_(snippet_->text) {}

  std::vector<MessagePart> read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool twice = at_ + 1 < text_.size() && text_[at_ + 1] == c;
      if ((c == '{' || c == '}') && twice) {
        literal_ += c;
        at_ += 2;
      } else if (c == '{') {
        if (!expression()) break;
      } else {
        if (c == '}') report(at_, at_ + 1, "this `}` closes nothing", "write }} for a brace");
        literal_ += c;
        ++at_;
      }
    }
    flush();
    return std::move(parts_);
  }

 private:
  bool expression() {
    const std::size_t close = closing_brace(text_, at_ + 1);
    if (close == std::string_view::npos) {
      report(at_, at_ + 1, "this `{` is not closed", "close it with }, or write {{ for a brace");
      return false;
    }
    if (text_.substr(at_ + 1, close - at_ - 1).find_first_not_of(" \t\n") ==
        std::string_view::npos) {
      report(at_, close + 1, "nothing stands between these braces",
             "write an expression, or {{}} for braces");
    } else {
      flush();
      SnippetPtr part = SourceReader::part(snippet_, static_cast<std::uint32_t>(at_ + 1),
                                           static_cast<std::uint32_t>(close), snippet_->what);
      MessagePart& out = parts_.emplace_back();
      out.expr = parse_expression(std::move(part), source_.diagnostics());
    }
    at_ = close + 1;
    return true;
  }

  void flush() {
    if (literal_.empty()) return;
    parts_.emplace_back().text = std::move(literal_);
    literal_.clear();
  }

  void report(std::size_t begin, std::size_t end, std::string message, std::string help) {
    const Span span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    source_.diagnostics().report(Code::E0227, {snippet_, span}, std::move(message)).help =
        std::move(help);
  }

  SourceReader& source_;
  SnippetPtr snippet_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string literal_;
  std::vector<MessagePart> parts_;
};

}  // namespace

std::vector<MessagePart> read_message(SourceReader& source, const Node& node,
                                      const std::string& snippet_what) {
  if (node.kind == Kind::kMap && node.flow) {
    source.report(Code::E0205, node, "`{` begins a mapping in YAML").help =
        "put a message that begins with it in quotes";
    return {};
  }
  SnippetPtr snippet = read_code(source, node, "`message`", snippet_what);
  if (!snippet) return {};
  return MessageReader(source, std::move(snippet)).read();
}

}  // namespace weir::lang::yaml
