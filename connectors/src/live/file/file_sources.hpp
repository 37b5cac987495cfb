// The two kinds of file source.
#pragma once

#include <memory>
#include <string>

#include "weir/connectors/live/file.hpp"

namespace weir::connectors {

std::unique_ptr<Source> follow_files(FileSourceOptions options, StartOffsets start,
                                     Notices& notices);
/// Each file to its end, then closed. Null, with `error`, where one cannot be read.
std::unique_ptr<Source> read_files_once(const FileSourceOptions& options, const StartOffsets& start,
                                        Notices& notices, std::string& error);

}  // namespace weir::connectors
