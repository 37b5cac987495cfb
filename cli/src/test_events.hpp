// The events of a test: its lines or its log, in order of time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules.hpp"
#include "weir/connectors/codec.hpp"
#include "weir/connectors/log_source.hpp"

namespace weir::cli {

/// An event, or a watermark line.
struct TestInput {
  Timestamp ts;
  bool watermark = false;
  Event event;
};

/// Owns what its events point to; the FieldPlan that it is loaded with outlives it.
class TestEvents {
 public:
  /// False where something cannot be read (reported).
  bool load(const lang::TestDef& test, const RuleSet& rules, const FieldPlan& plan,
            lang::Diagnostics& diagnostics);

  const std::vector<TestInput>& inputs() const noexcept { return inputs_; }

 private:
  bool load_lines(const lang::TestDef& test, const FieldPlan& plan, lang::Diagnostics& diagnostics);
  bool load_format_lines(const lang::TestDef& test, const FieldPlan& plan,
                         const connectors::CodecOptions& options, lang::Diagnostics& diagnostics);
  bool load_log(const lang::TestDef& test, const RuleSet& rules, const FieldPlan& plan,
                connectors::LogOptions options, lang::Diagnostics& diagnostics);

  std::vector<TestInput> inputs_;
  ValueArena arena_;
  std::vector<connectors::Batch> batches_;
  std::shared_ptr<const RecordFormat> format_;
};

}  // namespace weir::cli
