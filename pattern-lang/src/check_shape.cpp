#include "pattern_builder.hpp"
namespace weir::lang {
void check_shape(const Pattern&, Reporter&) {}
}  // namespace weir::lang
