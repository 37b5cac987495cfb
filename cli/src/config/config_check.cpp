// What is only seen where all parts of a config, or the rules too, are at hand.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "config_parts.hpp"
#include "formats.hpp"

namespace weir::cli {
namespace {

using lang::Code;

/// Finds who was there before.
class Claims {
 public:
  Claims(lang::Diagnostics& diagnostics, Code code) : diagnostics_(diagnostics), code_(code) {}

  void claim(const std::string& thing, const std::string& message, const lang::Place& place,
             std::string_view help) {
    const auto [at, fresh] = seen_.try_emplace(thing, place);
    if (fresh) return;
    report(message, place, at->second, help);
  }
  void report(const std::string& message, const lang::Place& place, const lang::Place& first,
              std::string_view help) {
    lang::Diagnostic& d = diagnostics_.report(code_, place, message);
    d.label = "again here";
    d.others.push_back({first, "first here"});
    d.help = help;
  }

 private:
  lang::Diagnostics& diagnostics_;
  Code code_;
  std::map<std::string, lang::Place> seen_;
};

std::string normal(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return (error ? std::filesystem::path(path) : whole).lexically_normal().string();
}

struct Listener {
  std::string protocol;
  Address address;
  std::string text;
  lang::Place place;
};

bool wildcard(const std::string& host) {
  return host == "0.0.0.0" || host == "::" || host == "*";
}

std::string same_name(const std::string& host) {
  return host == "localhost" ? "127.0.0.1" : host;
}

bool same_address(const Listener& a, const Listener& b) {
  if (a.protocol != b.protocol || a.address.port != b.address.port || a.address.port == 0) {
    return false;
  }
  return same_name(a.address.host) == same_name(b.address.host) || wildcard(a.address.host) ||
         wildcard(b.address.host);
}

void check_listeners(const RunConfig& config, Claims& claims) {
  std::vector<Listener> all;
  const auto add = [&](const std::string& protocol, const std::string& text,
                       const lang::Place& place) {
    const auto address = parse_address(text);
    if (!address) return;
    const Listener one{protocol, *address, text, place};
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const Listener& other) { return same_address(one, other); });
    if (same != all.end()) {
      claims.report(fmt::format("{} is listened on twice", text), place, same->place,
                    "give one of them another port");
    }
    all.push_back(one);
  };
  for (const SourceConfig& source : config.sources) {
    if (const auto* http = std::get_if<connectors::HttpSourceOptions>(&source.options)) {
      add("tcp", http->server.listen, source.place);
    } else if (const auto* socket = std::get_if<connectors::SocketSourceOptions>(&source.options)) {
      add("tcp", socket->tcp, source.place);
      add("udp", socket->udp, source.place);
      if (!socket->unix_path.empty()) {
        claims.claim("unix:" + normal(socket->unix_path),
                     fmt::format("{} is listened on twice", socket->unix_path), source.place,
                     "give one of them another path");
      }
    } else if (source.kind == "stdin") {
      claims.claim("stdin", "standard input is read twice", source.place, "delete one of them");
    }
  }
  if (config.http) add("tcp", config.http->listen, config.http_place);
}

void check_files(const RunConfig& config, Claims& claims) {
  // A sink that writes what a source reads would feed on itself.
  for (const SourceConfig& source : config.sources) {
    const auto* file = std::get_if<connectors::FileSourceOptions>(&source.options);
    if (file == nullptr || source.kind != "file") continue;
    for (const SinkConfig& sink : config.sinks) {
      const auto* out = std::get_if<connectors::FileSinkOptions>(&sink.options);
      if (out == nullptr || out->path.empty() || normal(out->path) != normal(file->path)) continue;
      claims.report(fmt::format("{} is read and written", out->path), sink.place, source.place,
                    "let the sink write another file");
    }
  }
  for (const SinkConfig& sink : config.sinks) {
    const auto* file = std::get_if<connectors::FileSinkOptions>(&sink.options);
    if (file != nullptr && !file->path.empty()) {
      claims.claim("file:" + normal(file->path), fmt::format("two sinks write {}", file->path),
                   sink.place, "give each a file of its own");
    }
    if (!sink.queue.disk_dir.empty()) {
      claims.claim("dir:" + normal(sink.queue.disk_dir),
                   fmt::format("two queues lie in {}", sink.queue.disk_dir), sink.place,
                   "give each a folder of its own");
    }
  }
}

}  // namespace

void check_places(const RunConfig& config, const ConfigContext& context) {
  Claims names(context.diagnostics, Code::E0705);
  for (const SourceConfig& source : config.sources) {
    if (source.name.empty()) continue;
    names.claim("source " + source.name, fmt::format("two sources are named `{}`", source.name),
                source.place, "give one of them another name");
  }
  for (const SinkConfig& sink : config.sinks) {
    names.claim("sink " + sink.queue.name, fmt::format("two sinks are named `{}`", sink.queue.name),
                sink.place, "give one of them another name");
  }
  Claims places(context.diagnostics, Code::E0709);
  check_listeners(config, places);
  check_files(config, places);
}

void resolve_formats(RunConfig& config, const RuleSet& rules, lang::Diagnostics& diagnostics) {
  for (SourceConfig& source : config.sources) {
    const std::string name = !source.format.empty()    ? source.format.value
                             : source.kind == "syslog" ? "syslog"
                                                       : "ndjson";
    const lang::Place& place = source.format.place.snippet ? source.format.place : source.place;
    std::string error;
    if (!choose_format(name, rules, source.codec, error)) {
      diagnostics.report(Code::E0605, place, error);
      continue;
    }
    if (source.codec.spec != nullptr) continue;
    if (source.codec.format == connectors::LogFormat::kAuto) {
      diagnostics.report(Code::E0713, place, "the format of a live source is not guessed").help =
          "write which it is: ndjson, csv, syslog, access-log, text, regex, or one of the rule "
          "files'";
      continue;
    }
    if (source.codec.format != connectors::LogFormat::kCsv) continue;
    source.framing = connectors::RecordFraming::kCsv;
    if (auto* file = std::get_if<connectors::FileSourceOptions>(&source.options)) {
      file->framing = source.framing;
      file->delimiter = source.codec.csv_delimiter;
    } else if (source.kind != "stdin") {
      diagnostics
          .report(Code::E0708, place,
                  fmt::format("a CSV header comes once, and `{}` has many who send", source.kind))
          .help = "CSV is read from files and standard input";
    }
  }
}

void check_streams(const RunConfig& config, const nfa::Program& program,
                   lang::Diagnostics& diagnostics) {
  std::map<std::string, std::string> written;  // stream -> a rule that writes it
  for (const nfa::Rule& rule : program.rules) written.try_emplace(rule.alert.stream, rule.id);
  std::set<std::string> sunk;
  for (const SinkConfig& sink : config.sinks) {
    const bool again = !sunk.insert(sink.stream).second;
    if (again || sink.stream == kLateStream || sink.stream == kRejectedStream ||
        written.contains(sink.stream)) {
      continue;
    }
    std::vector<std::string> known{std::string(kLateStream), std::string(kRejectedStream)};
    for (const auto& [stream, rule] : written) known.push_back(stream);
    lang::Diagnostic& d = diagnostics.report(Code::W0703, sink.stream_place,
                                             fmt::format("no rule writes `{}`", sink.stream));
    const std::string near = lang::nearest(sink.stream, known);
    if (!near.empty()) {
      d.help = fmt::format("did you mean \"{}\"?", near);
    } else {
      d.notes.push_back(fmt::format("there are {}", fmt::join(known, ", ")));
    }
  }
  for (const auto& [stream, rule] : written) {
    if (sunk.contains(stream) || stream == "shadow") continue;
    diagnostics
        .report(Code::W0704, config.sinks_place,
                fmt::format("rule `{}` writes `{}`, and no sink takes it", rule, stream))
        .help = fmt::format("add `{}:` below `sinks:`", stream);
  }
}

}  // namespace weir::cli
