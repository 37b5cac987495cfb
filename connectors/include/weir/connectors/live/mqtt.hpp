// MQTT, through libmosquitto.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/connectors/live/security.hpp"
#include "weir/connectors/live/sink.hpp"
#include "weir/connectors/live/source.hpp"

namespace weir::connectors {

struct MqttClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::string client_id;  // empty: one of the program's own
  TlsClient tls;
  Login login;
  std::chrono::seconds keep_alive{30};
};

struct MqttSourceOptions {
  MqttClientOptions client;
  std::vector<std::string> topics;  // with + and #
  int qos = 1;
  bool persistent = true;  // the broker keeps messages while we are away (needs a client_id)
  std::size_t max_record_bytes = kMaxRecordBytes;
};

/// One partition; a message is one record, the offset counts them. Retained messages and `$SYS`
/// come only where a topic asks for them by name. A message is acknowledged when poll() takes it
/// into a block; one that the broker sends again is a record again. A pause stops the reading, and,
/// when it lasts, closes the connection: the broker keeps the session.
std::unique_ptr<Source> make_mqtt_source(MqttSourceOptions options, StartOffsets start,
                                         Notices& notices, std::string& error);

struct MqttSinkOptions {
  MqttClientOptions client;
  std::string topic;  // may hold {rule}, {severity}, {stream}
  int qos = 1;
  bool retain = false;
};
/// A record is done when the broker has acknowledged it (QoS 0: when it is written); send() waits
/// for that as the Kafka sink does.
std::unique_ptr<Sink> make_mqtt_sink(MqttSinkOptions options, Notices& notices, std::string& error);

}  // namespace weir::connectors
