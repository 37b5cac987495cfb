#include "yaml/tree_builder.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>

#include "yaml/syntax_errors.hpp"

namespace weir::lang::yaml {
namespace {

/// Ends the parse of a document for a reason of ours; the diagnostic is already out.
struct Stopped {};

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    // A streambuf asks for char*, and one that only reads never writes through it.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(SourceReader& source, std::uint32_t base) : source_(source), base_(base) {}

  Tree take() { return std::move(tree_); }
  std::uint32_t last_offset() const noexcept { return last_; }
  /// The innermost list or map in brackets that is open, or null.
  const Node* open_flow() const noexcept {
    return stack_.empty() || !stack_.back().node->flow ? nullptr : stack_.back().node;
  }
  void start_document() {
    tree_ = {};
    stack_.clear();
    anchors_.clear();
    aliased_ = false;
  }

  void OnDocumentStart(const YAML::Mark& mark) override { tree_.begin = offset(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node& node = make(mark, Kind::kNull);
    node.at.begin = skip_properties(source_.clean(), node.at.begin);
    place_null(node);
    finish(node, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::uint32_t at = offset(mark);
    const Node* target = anchors_[anchor];
    if (target == nullptr) return;  // its anchor stood on nothing
    for (const Frame& open : stack_) {
      if (open.node != target) continue;
      source_.diagnostics()
          .report(Code::E0221, source_.place(at, end_of_word(at)),
                  "this alias stands inside the node that it repeats")
          .help = "write the value out";
      throw Stopped{};
    }
    aliased_ = true;
    attach(*target, at);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    Node& node = make(mark, Kind::kScalar);
    if (value.size() > kMaxScalarBytes) {
      source_
          .report(
              Code::E0220, node,
              fmt::format("a value of {} bytes, the limit is {}", value.size(), kMaxScalarBytes))
          .help = "keep logs in files of their own (`log: path`)";
      throw Stopped{};
    }
    node.value = value;
    node.expanded_bytes = value.size();
    node.at = align_scalar(source_.clean(), offset(mark), value);
    if (!node.at.closed) {
      report_unclosed_quote(source_, node.at.begin);
      throw Stopped{};
    }
    if (invalid_utf8(value) < value.size()) {
      source_.report(Code::E0218, node, "an escape that yields no character").help =
          "write the character itself";
      throw Stopped{};
    }
    last_ = node.at.end;
    finish(node, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(mark, Kind::kList, anchor, style);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(mark, Kind::kMap, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node* node = nullptr;
    const Node* key = nullptr;  // of a map: the key whose value comes next
  };

  std::uint32_t offset(const YAML::Mark& mark) const {
    const auto size = static_cast<std::uint32_t>(source_.clean().size());
    return mark.pos < 0 ? base_ : std::min(base_ + static_cast<std::uint32_t>(mark.pos), size);
  }

  std::uint32_t end_of_word(std::uint32_t at) const {
    const std::size_t end = source_.clean().find_first_of(" \t\n,]}", at);
    return static_cast<std::uint32_t>(std::min(end, source_.clean().size()));
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    const std::uint32_t at = offset(mark);
    source_.diagnostics()
        .report(Code::E0224, source_.place(at, end_of_word(at)), "tags mean nothing in rule files")
        .help = "leave it out; a value that begins with `!` stands in quotes";
  }

  Node& make(const YAML::Mark& mark, Kind kind) {
    if (tree_.nodes.size() >= kMaxYamlNodes) {
      source_.diagnostics()
          .report(Code::E0220, source_.place(offset(mark), offset(mark)),
                  fmt::format("more than {} values in one document", kMaxYamlNodes))
          .help = "split it into several files";
      throw Stopped{};
    }
    Node& node = tree_.nodes.emplace_back();
    node.kind = kind;
    node.at.begin = offset(mark);
    node.at.end = std::min(node.at.begin + 1, static_cast<std::uint32_t>(source_.clean().size()));
    last_ = node.at.begin;
    return node;
  }

  // yaml-cpp gives a value that is not there the place of what comes next; it belongs after its
  // key.
  void place_null(Node& node) const {
    const std::string_view rest = source_.clean().substr(node.at.begin);
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (!rest.starts_with(word)) continue;
      node.at.end = node.at.begin + static_cast<std::uint32_t>(word.size());
      return;
    }
    node.at.exact = false;  // nothing is written
    if (!stack_.empty() && stack_.back().key != nullptr) {
      node.at.begin = stack_.back().key->at.begin;
      node.at.end = stack_.back().key->at.end;
      return;
    }
    const std::string_view text = source_.clean();
    while (node.at.begin > 0 && std::string_view(" \t\n").find(text[node.at.begin - 1]) < 3) {
      --node.at.begin;
    }
    node.at.end = node.at.begin;
  }

  void open(const YAML::Mark& mark, Kind kind, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    if (stack_.size() >= kMaxYamlDepth) {
      source_.diagnostics().report(
          Code::E0220, source_.place(offset(mark), offset(mark) + 1),
          fmt::format("more than {} lists and mappings inside one another", kMaxYamlDepth));
      throw Stopped{};
    }
    Node& node = make(mark, kind);
    node.at.begin = skip_properties(source_.clean(), node.at.begin);
    node.at.end = std::min(node.at.begin + 1, static_cast<std::uint32_t>(source_.clean().size()));
    node.flow = style == YAML::EmitterStyle::Flow;
    node.parent = stack_.empty() ? nullptr : stack_.back().node;
    if (anchor != 0) anchors_[anchor] = &node;
    stack_.push_back({&node, nullptr});
  }

  void close() {
    const Node& node = *stack_.back().node;
    stack_.pop_back();
    attach(node, node.at.begin);
  }

  void finish(Node& node, YAML::anchor_t anchor) {
    node.parent = stack_.empty() ? nullptr : stack_.back().node;
    if (anchor != 0) anchors_[anchor] = &node;
    attach(node, node.at.begin);
  }

  void attach(const Node& node, std::uint32_t at) {
    if (stack_.empty()) {
      tree_.root = &node;
      return;
    }
    Frame& top = stack_.back();
    top.node->expanded_nodes += node.expanded_nodes;
    top.node->expanded_bytes += node.expanded_bytes;
    if (aliased_ &&
        (top.node->expanded_nodes > kMaxYamlNodes || top.node->expanded_bytes > kMaxAliasBytes)) {
      source_.diagnostics()
          .report(
              Code::E0222, source_.place(at, end_of_word(at)),
              fmt::format("written out, the aliases of this document are more than {} values or "
                          "{} bytes",
                          kMaxYamlNodes, kMaxAliasBytes))
          .help = "write the values out where they are needed";
      throw Stopped{};
    }
    if (top.node->kind == Kind::kList) {
      top.node->items.push_back(&node);
    } else if (top.key == nullptr) {
      top.key = &node;
    } else {
      top.node->entries.push_back({top.key, &node});
      top.key = nullptr;
    }
  }

  SourceReader& source_;
  std::uint32_t base_;
  std::uint32_t last_ = 0;
  Tree tree_;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, const Node*> anchors_;
  bool aliased_ = false;
};

bool marker_line(std::string_view text, std::size_t at, std::string_view marker) {
  if (!text.substr(at).starts_with(marker)) return false;
  const std::size_t after = at + marker.size();
  return after == text.size() || text[after] == ' ' || text[after] == '\t' || text[after] == '\n';
}

bool only_comments_and_directives(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t first = text.find_first_not_of(" \t", at);
    if (first < end && text[first] != '#' && text[at] != '%') return false;
    at = end + 1;
  }
  return true;
}

// `---` at the start of a line begins a document wherever it stands (YAML 1.2, 9.1.2), so that the
// file can be cut there and one broken document leaves the others whole.
std::vector<std::size_t> document_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t at = 0; at < text.size();) {
    if (at > 0 && marker_line(text, at, "---")) {
      const bool preamble = starts.size() == 1 && only_comments_and_directives(text.substr(0, at));
      if (!preamble) starts.push_back(at);
    }
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return starts;
}

// yaml-cpp takes whatever follows a document for the next one; YAML wants `...` or `---` before it.
bool document_end_between(std::string_view text, std::size_t from, std::size_t to) {
  for (std::size_t at = text.find('\n', from); at < to; at = text.find('\n', at + 1)) {
    if (marker_line(text, at + 1, "...") || marker_line(text, at + 1, "---")) return true;
  }
  return false;
}

// False where `document` wants no more.
bool read_segment(SourceReader& source, std::size_t begin, std::size_t end,
                  const std::function<bool(const Tree&)>& document) {
  const std::string_view text = source.clean().substr(begin, end - begin);
  ViewBuffer buffer(text);
  std::istream in(&buffer);
  TreeBuilder builder(source, static_cast<std::uint32_t>(begin));
  Tree broken;
  broken.begin = static_cast<std::uint32_t>(begin);
  try {
    YAML::Parser parser(in);
    for (bool first = true;; first = false) {
      const std::uint32_t before = builder.last_offset();
      builder.start_document();
      if (!parser.HandleNextDocument(builder)) return true;
      const Tree tree = builder.take();
      if (!first && !document_end_between(source.clean(), before, tree.begin)) {
        source.diagnostics()
            .report(Code::E0201, source.place(tree.begin, tree.begin + 1),
                    "text after the end of the document")
            .help = "check the indentation; a further document begins with `---`";
        return document(broken);
      }
      if (!document(tree)) return false;
    }
  } catch (const Stopped&) {
    return document(broken);
  } catch (const YAML::Exception& error) {
    const auto pos = static_cast<std::uint32_t>(std::max(error.mark.pos, 0));
    report_syntax_error(
        source, error.msg,
        std::min(static_cast<std::uint32_t>(begin) + pos, static_cast<std::uint32_t>(end)),
        builder.last_offset(), builder.open_flow());
    return document(broken);
  }
}

}  // namespace

void read_trees(SourceReader& source, const std::function<bool(const Tree&)>& document) {
  const std::vector<std::size_t> starts = document_starts(source.clean());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (i == kMaxDocuments) {
      const auto at = static_cast<std::uint32_t>(starts[i]);
      source.diagnostics()
          .report(Code::E0220, source.place(at, at + 3),
                  fmt::format("more than {} documents in one file", kMaxDocuments))
          .help = "split it into several files";
      return;
    }
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : source.clean().size();
    if (!read_segment(source, starts[i], end, document)) return;
  }
}

}  // namespace weir::lang::yaml
