// Our options as librdkafka's configuration.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "live/kafka/handles.hpp"
#include "weir/connectors/live/kafka.hpp"

namespace weir::connectors::kafka {

using Properties = std::initializer_list<std::pair<std::string_view, std::string>>;

/// What callbacks find as librdkafka's opaque; it has to outlive the client.
struct CallbackContext {
  Notices* notices;  // also used from the library's own threads
  void* owner;       // of the client
};

/// `ours` are properties that `options.properties` may not name; `defaults` are those that they may
/// change. Null, with `error`, where one is refused. What the library logs goes to the notices.
Conf make_conf(const KafkaClientOptions& options, Properties ours, Properties defaults,
               CallbackContext& context, std::string& error);

}  // namespace weir::connectors::kafka
