// What a sink's far end has refused for good.
#pragma once

#include <memory>
#include <string>

#include "weir/connectors/live/sink.hpp"

namespace weir::connectors {

class Undelivered {
 public:
  /// Null, with `error`. `sink`: the name of the sink that could not deliver.
  static std::unique_ptr<Undelivered> open(const std::string& path, std::string sink,
                                           Notices& notices, std::string& error);
  /// False, with `problem`, where it could not be written, and synced.
  bool add(const OutRecord& record, const std::string& why, std::string& problem);

 private:
  Undelivered(std::unique_ptr<Sink> file, std::string sink)
      : file_(std::move(file)), sink_(std::move(sink)) {}

  std::unique_ptr<Sink> file_;
  std::string sink_;
};

}  // namespace weir::connectors
