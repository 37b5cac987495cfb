#include "sliding.hpp"

namespace weir::nfa {

Agg sliding_family(Agg agg) noexcept {
  switch (agg) {
    case Agg::kAvg:
      return Agg::kSum;
    case Agg::kMedian:
      return Agg::kPercentile;
    case Agg::kCountDistinct:
      return Agg::kDistinct;
    default:
      return agg;
  }
}

std::unique_ptr<SlidingAggregate> make_sliding(Agg family) {
  switch (sliding_family(family)) {
    case Agg::kSum:
    case Agg::kAvg:
      return make_sliding_sum();
    case Agg::kMin:
    case Agg::kMax:
    case Agg::kFirst:
    case Agg::kLast:
      return make_sliding_kept(family);
    case Agg::kStddev:
      return make_sliding_deviation();
    case Agg::kMedian:
    case Agg::kPercentile:
      return make_sliding_sample();
    case Agg::kDistinct:
    case Agg::kCountDistinct:
      return make_sliding_distinct();
    case Agg::kCount:
      break;
  }
  return make_sliding_count();
}

}  // namespace weir::nfa
