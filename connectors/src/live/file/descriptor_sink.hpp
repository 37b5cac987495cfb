// A sink over a descriptor of its own: a device, a named pipe.
#pragma once

#include <memory>
#include <string>

#include "live/descriptor.hpp"
#include "weir/connectors/live/file.hpp"

namespace weir::connectors {

/// `name` stands in problems.
std::unique_ptr<Sink> own_descriptor_sink(Descriptor descriptor, std::string name);

}  // namespace weir::connectors
