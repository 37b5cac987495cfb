#include "windows.hpp"

#include <algorithm>
#include <utility>

namespace weir::runtime {

WindowPlan window_plan(const nfa::Program& program, const nfa::Derive& derive) {
  if (derive.kind != nfa::WindowKind::kSliding || derive.every >= derive.size) {
    return WindowPlan::kListed;
  }
  const auto of_windows = std::ranges::count_if(derive.input, [&](const nfa::Test& test) {
    return !test.any_type && std::ranges::find(program.derives, test.type, &nfa::Derive::type) !=
                                 program.derives.end();
  });
  const bool mixed = of_windows != 0 && static_cast<std::size_t>(of_windows) != derive.input.size();
  return mixed ? WindowPlan::kListed : WindowPlan::kPanes;
}

WindowOperator::WindowOperator(const nfa::ExprPool& exprs, const nfa::Derive& derive,
                               WindowPlan plan)
    : exprs_(exprs), derive_(derive) {
  ColumnOf column_of;
  for (const nfa::DeriveAgg& agg : derive.aggs) {
    Column column{{agg.arg, agg.cond}};
    if (agg.arg != nfa::kNoExpr && exprs.at(agg.arg).op == nfa::Op::kField) {
      column.is_field = true;
      column.field = exprs.at(agg.arg).a;
    }
    const auto known = std::ranges::find(columns_, column);
    column_of.push_back(static_cast<std::uint32_t>(known - columns_.begin()));
    if (known == columns_.end()) columns_.push_back(column);
  }
  for (const auto& [name, expr] : derive.values) {
    const nfa::ExprNode& n = exprs.at(expr);
    computed_.push_back({expr, n.op == nfa::Op::kAggResult, n.a});
  }
  inputs_.resize(columns_.size(), {.counts = true, .value = Value::boolean(true)});
  open_ = plan == WindowPlan::kPanes ? make_pane_windows(derive, std::move(column_of))
                                     : make_listed_windows(derive, std::move(column_of));
}

bool WindowOperator::add(const Event& event, const WindowKey& key,
                         std::span<const nfa::TablePtr> tables, ValueArena& scratch) {
  const auto context = [&] {
    return nfa::EvalContext{.candidate = &event,
                            .bound = nullptr,
                            .tables = tables,
                            .agg_results = {},
                            .scratch = &scratch};
  };
  // Evaluated once, however many windows the event falls into.
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    WindowInput& input = inputs_[i];
    if (column.cond != nfa::kNoExpr) {
      input.counts = exprs_.test(column.cond, context());
      if (!input.counts) continue;
    }
    if (column.is_field) {
      input.value = event.get(column.field);
    } else if (column.arg != nfa::kNoExpr) {
      input.value = exprs_.eval(column.arg, context());
    }
  }
  // A window's event counts as of the instant before its ts, so that it falls into the window that
  // ends with it.
  const bool before =
      event.origin == EventOrigin::kWindow && derive_.kind != nfa::WindowKind::kSession;
  return open_->add(before ? event.ts - Duration{1} : event.ts, event.seq, key, inputs_);
}

Timestamp WindowOperator::next_end() const noexcept {
  return open_->windows() == 0 ? Timestamp::max() : open_->next_end();
}

WindowResult WindowOperator::close_next(std::span<const nfa::TablePtr> tables,
                                        ValueArena& scratch) {
  const ClosedWindow window = open_->close_next(scratch, agg_results_);
  nfa::EvalContext context;
  context.tables = tables;
  context.agg_results = agg_results_;
  context.scratch = &scratch;
  values_.clear();
  for (const Computed& value : computed_) {
    values_.push_back(value.is_agg ? agg_results_[value.agg] : exprs_.eval(value.expr, context));
  }
  return {window.start, window.end, window.end, window.first_seq, window.key_values, values_};
}

}  // namespace weir::runtime
