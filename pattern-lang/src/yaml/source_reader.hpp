// The file that is being read: makes places, texts and snippets of nodes, and collects diagnostics.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/pattern-lang/diagnostic.hpp"
#include "weir/pattern-lang/rule_file.hpp"
#include "yaml/clean_text.hpp"
#include "yaml/keys.hpp"
#include "yaml/tree.hpp"

namespace weir::lang::yaml {

/// A pattern or expression that was read, for the formatter.
struct Embedded {
  const Node* node = nullptr;
  bool pattern = false;
  std::string one_line;  // canonical text
  std::string wrapped;   // the same, a step a line where it is long
};

class SourceReader {
 public:
  SourceReader(std::shared_ptr<const SourceFile> file, SnippetPtr whole, const CleanText& clean,
               Diagnostics& diagnostics)
      : file_(std::move(file)),
        whole_(std::move(whole)),
        clean_(clean),
        diagnostics_(diagnostics) {}

  const std::shared_ptr<const SourceFile>& file() const noexcept { return file_; }
  std::string_view clean() const noexcept { return clean_.text(); }
  Diagnostics& diagnostics() noexcept { return diagnostics_; }

  /// Clean offsets to a place in the file.
  Place place(std::uint32_t begin, std::uint32_t end) const;
  /// Of a scalar all of it, quotes included (of a block its first line); of others their first
  /// byte.
  Place place(const Node& node) const;
  /// The bytes as written.
  std::string_view written(const Node& node) const;

  /// The value of a scalar and the way from its bytes to the file.
  SnippetPtr snippet(const Node& node, std::string what = {}) const;
  /// Bytes [begin, end) of `outer` as a snippet of its own.
  static SnippetPtr part(const SnippetPtr& outer, std::uint32_t begin, std::uint32_t end,
                         std::string what);
  Text text(const Node& node) const;

  Diagnostic& report(Code code, const Node& node, std::string message) {
    return diagnostics_.report(code, place(node), std::move(message));
  }

  /// The mappings that the file may hold, to say where a misplaced key belongs.
  std::span<const MappingSpec* const> specs = all_specs();
  /// Where the formatter reads along, else null.
  std::vector<Embedded>* embedded = nullptr;

 private:
  std::shared_ptr<const SourceFile> file_;
  SnippetPtr whole_;
  const CleanText& clean_;
  Diagnostics& diagnostics_;
};

/// A snippet that is the whole of a file.
SnippetPtr whole_file(std::shared_ptr<const SourceFile> file);

}  // namespace weir::lang::yaml
