#include "live/outbox/undelivered.hpp"

#include <utility>

#include "weir/connectors/live/file.hpp"
#include "weir/event/value.hpp"

namespace weir::connectors {

std::unique_ptr<Undelivered> Undelivered::open(const std::string& path, std::string sink,
                                               Notices& notices, std::string& error) {
  FileSinkOptions options;
  options.path = path;
  options.fsync = FileSinkOptions::Fsync::kEvery;
  auto file = make_file_sink(std::move(options), notices, error);
  if (file == nullptr) return nullptr;
  return std::unique_ptr<Undelivered>(new Undelivered(std::move(file), std::move(sink)));
}

bool Undelivered::add(const OutRecord& record, const std::string& why, std::string& problem) {
  std::string line = "{\"sink\":";
  append_json_string(line, sink_);
  line += ",\"problem\":";
  append_json_string(line, why);
  line += ",\"key\":";
  append_json_string(line, record.key);
  line += ",\"record\":";
  line += record.text;
  line += '}';
  const OutRecord out{line, record.key, record.id};
  const SendResult result = file_->send({&out, 1});
  problem = result.problem;
  return result.state == SendResult::State::kDone;
}

}  // namespace weir::connectors
