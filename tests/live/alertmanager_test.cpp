// The Alertmanager sink against Alertmanager itself (`prometheus-alertmanager` on the PATH), also
// while it goes away and comes back.
#include <fcntl.h>
#include <spawn.h>

#include <csignal>

#include "http_support.hpp"

extern char** environ;

namespace weir::connectors::test {
namespace {

using State = SendResult::State;

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&at), size) == 0);
  getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(socket);
  return ntohs(at.sin_port);
}

class Alertmanager {
 public:
  Alertmanager() : port_(free_port()) {
    dir_.write("config.yml", "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
    start();
  }
  ~Alertmanager() { kill(); }

  void start() {
    const std::vector<std::string> arguments = {
        "prometheus-alertmanager", "--config.file=" + dir_ / "config.yml",
        "--storage.path=" + dir_ / "data", fmt::format("--web.listen-address=127.0.0.1:{}", port_),
        "--cluster.listen-address="};
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string log = dir_ / "log";
    posix_spawn_file_actions_addopen(&files, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int spawned = ::posix_spawnp(&process_, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    REQUIRE_MESSAGE(spawned == 0, "prometheus-alertmanager is not on the PATH");
    REQUIRE_MESSAGE(eventually([&] { return ask("/-/ready") == "OK" || gone(); }),
                    run("cat " + log));
    REQUIRE_MESSAGE(process_ > 0, run("cat " + log));
  }
  /// It has ended by itself.
  bool gone() {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
    return process_ < 0;
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  std::string ask(std::string_view path) const {
    return run(fmt::format("curl -s -m 5 'http://127.0.0.1:{}{}'", port_, path));
  }
  /// How many alerts it has (that fit).
  std::size_t alerts(std::string_view filter = "") const {
    const std::string all = ask(fmt::format("/api/v2/alerts{}", filter));
    std::size_t count = 0;
    for (std::size_t at = all.find("\"fingerprint\""); at != std::string::npos;
         at = all.find("\"fingerprint\"", at + 1)) {
      ++count;
    }
    return count;
  }
  std::unique_ptr<Sink> sink() {
    AlertmanagerSinkOptions options;
    options.client.url = fmt::format("http://127.0.0.1:{}", port_);
    options.labels = {{"team", "blue"}};
    options.generator_url = "http://weir.example/";
    std::string error;
    auto made = make_alertmanager_sink(options, notes_, error);
    REQUIRE_MESSAGE(made != nullptr, error);
    return made;
  }

 private:
  TempFolder dir_;
  Notes notes_;
  std::uint16_t port_;
  pid_t process_ = -1;
};

std::string alert(int number) {
  return fmt::format(
      R"({{"id":"{0:032x}","rule":"many-{1}","severity":"high","stream":"alerts",)"
      R"("key":{{"user.name":"ann \"{0}\" é","n":{0}}},"detected_at":"2026-02-18T22:11:00.000Z",)"
      R"("message":"it was {0}","fields":{{"amount":{0}}}}})",
      number, number % 2);
}

std::vector<OutRecord> records_of(const std::vector<std::string>& texts) {
  std::vector<OutRecord> records;
  for (const std::string& text : texts) records.push_back({text, "", ""});
  return records;
}

TEST_CASE("alerts arrive with their labels and annotations; each once, however often it is sent") {
  Alertmanager server;
  const auto sink = server.sink();
  std::vector<std::string> texts;
  for (int i = 0; i < 250; ++i) texts.push_back(alert(i));
  const auto records = records_of(texts);
  for (int i = 0; i < 2; ++i) {
    const SendResult result = sink->send(records);
    CHECK_MESSAGE(result.state == State::kDone, result.problem);
    CHECK(result.done == 250);
    CHECK(server.alerts() == 250);
  }
  CHECK(server.alerts("?filter=alertname=%22many-1%22") == 125);
  const std::string one = server.ask("/api/v2/alerts?filter=n=%227%22");
  for (const std::string_view part :
       {R"("alertname":"many-1")", R"("severity":"high")", R"("stream":"alerts")",
        R"("user_name":"ann \"7\" é")", R"("team":"blue")", R"("message":"it was 7")",
        R"("id":"00000000000000000000000000000007")", R"("fields":"{\"amount\":7}")",
        R"("startsAt":"2026-02-18T22:11:00.000Z")", R"("generatorURL":"http://weir.example/")",
        R"("state":"active")"}) {
    CHECK_MESSAGE(one.find(part) != std::string::npos, part, " in ", one);
  }
}

TEST_CASE("it is killed and comes back") {
  Alertmanager server;
  const auto sink = server.sink();
  const std::vector<std::string> texts = {alert(1), alert(2)};
  const auto records = records_of(texts);
  CHECK(sink->send(std::span(records).first(1)).state == State::kDone);
  CHECK(server.alerts() == 1);
  server.kill();
  for (int i = 0; i < 3; ++i) {
    const SendResult away = sink->send(records);
    CHECK(away.state == State::kTryAgain);
    CHECK(away.done == 0);
  }
  server.start();
  const SendResult back = sink->send(records);
  CHECK_MESSAGE(back.state == State::kDone, back.problem);
  CHECK(server.alerts() == 2);
}

}  // namespace
}  // namespace weir::connectors::test
