#include "run/connectors.hpp"

#include <unistd.h>

namespace weir::cli {
namespace {

using namespace connectors;

class SourceMaker {
 public:
  SourceMaker(const SourceConfig& config, Notices& notices, std::string& error)
      : config_(config), notices_(notices), error_(error) {}

  std::unique_ptr<Source> operator()(FileSourceOptions options) const {
    options.framing = config_.framing;
    options.delimiter = config_.codec.csv_delimiter;
    return make_file_source(std::move(options), {}, notices_, error_);
  }
  std::unique_ptr<Source> operator()(const StdinOptions&) const {
    return make_descriptor_source(STDIN_FILENO, config_.framing, config_.codec.csv_delimiter,
                                  notices_);
  }
  std::unique_ptr<Source> operator()(const HttpSourceOptions& options) const {
    return make_http_source(options, {}, notices_, error_);
  }
  std::unique_ptr<Source> operator()(const KafkaSourceOptions& options) const {
    return make_kafka_source(options, {}, notices_, error_);
  }
  std::unique_ptr<Source> operator()(const MqttSourceOptions& options) const {
    return make_mqtt_source(options, {}, notices_, error_);
  }
  std::unique_ptr<Source> operator()(const SocketSourceOptions& options) const {
    return make_socket_source(options, {}, notices_, error_);
  }

 private:
  const SourceConfig& config_;
  Notices& notices_;
  std::string& error_;
};

class SinkMaker {
 public:
  SinkMaker(Notices& notices, std::string& error) : notices_(notices), error_(error) {}

  std::unique_ptr<Sink> operator()(const FileSinkOptions& options) const {
    return make_file_sink(options, notices_, error_);
  }
  std::unique_ptr<Sink> operator()(const StdoutOptions&) const {
    return make_descriptor_sink(STDOUT_FILENO);
  }
  std::unique_ptr<Sink> operator()(const WebhookSinkOptions& options) const {
    return make_webhook_sink(options, notices_, error_);
  }
  std::unique_ptr<Sink> operator()(const KafkaSinkOptions& options) const {
    return make_kafka_sink(options, notices_, error_);
  }
  std::unique_ptr<Sink> operator()(const MqttSinkOptions& options) const {
    return make_mqtt_sink(options, notices_, error_);
  }
  std::unique_ptr<Sink> operator()(const AlertmanagerSinkOptions& options) const {
    return make_alertmanager_sink(options, notices_, error_);
  }

 private:
  Notices& notices_;
  std::string& error_;
};

}  // namespace

std::unique_ptr<Source> make_source(const SourceConfig& config, Notices& notices,
                                    std::string& error) {
  return std::visit(SourceMaker(config, notices, error), config.options);
}

std::unique_ptr<Sink> make_sink(const SinkConfig& config, Notices& notices, std::string& error) {
  return std::visit(SinkMaker(notices, error), config.options);
}

}  // namespace weir::cli
