// Rule files read side by side. Nothing is shared between files but grammars and tables of keys,
// which do not change.
#include <algorithm>
#include <atomic>
#include <thread>

#include "weir/pattern-lang/rule_file.hpp"

namespace weir::lang {

std::vector<RuleDocument> read_rule_files(std::span<const std::shared_ptr<const SourceFile>> files,
                                          Diagnostics& diagnostics, unsigned threads) {
  struct Result {
    std::vector<RuleDocument> documents;
    Diagnostics diagnostics;
  };
  std::vector<Result> results(files.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      results[i].documents = read_rule_file(files[i], results[i].diagnostics);
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t most = std::min<std::size_t>(threads, files.size());
    for (std::size_t i = 1; i < most; ++i) others.emplace_back(work);
    work();
  }
  std::vector<RuleDocument> documents;
  for (Result& result : results) {
    std::ranges::move(result.documents, std::back_inserter(documents));
    diagnostics.add(std::move(result.diagnostics));
  }
  return documents;
}

}  // namespace weir::lang
