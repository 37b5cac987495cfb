// Socket sources against real sockets.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "live/descriptor.hpp"
#include "live_support.hpp"
#include "weir/connectors/live/socket.hpp"

namespace weir::connectors {
namespace {

using test::milliseconds;
using test::next;
using test::polls_to;
using test::records_of;
using test::Strings;
using test::TempFolder;
using Framing = SocketSourceOptions::Framing;

struct Made {
  explicit Made(SocketSourceOptions options, const StartOffsets& start = {}) {
    source = make_socket_source(std::move(options), start, told, error);
  }
  /// Of what the source said it listens at: "tcp:127.0.0.1:4711".
  std::uint16_t port(const std::string& kind) const {
    for (const std::string& text : told.texts()) {
      if (text.find(kind + ":") == text.npos) continue;
      return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
    }
    return 0;
  }
  test::Told told;
  std::string error;
  std::unique_ptr<Source> source;
};

Descriptor connect_to(std::uint16_t port, int type = SOCK_STREAM) {
  Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

void say(const Descriptor& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    REQUIRE(n > 0);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// Whether the far end has closed; what it said is passed over.
bool is_cut_off(const Descriptor& socket) {
  timeval patience{test::kPatience.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte = 0;
  const ssize_t n = ::recv(socket.get(), &byte, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

SocketSourceOptions tcp() {
  SocketSourceOptions options;
  options.tcp = "127.0.0.1:0";
  return options;
}

TEST_CASE("socket source: lines of several connections, each with its own torn line") {
  Made made(tcp(), {{0, 100}});
  REQUIRE_MESSAGE(made.source != nullptr, made.error);
  Source& source = *made.source;
  CHECK(next(source) == "opened 0");
  CHECK(next(source) == "drained 0");
  CHECK(next(source) == "nothing");
  Descriptor one = connect_to(made.port("tcp"));
  Descriptor two = connect_to(made.port("tcp"));
  say(one, "a\nto");
  CHECK(records_of(source, 1) == Strings{"0:a"});
  say(two, "b\nrest");
  CHECK(records_of(source, 1) == Strings{"0:b"});
  CHECK(polls_to(source, "drained 0"));
  say(one, "rn\n");
  Polled polled;
  do {
    source.poll(polled, milliseconds{1000});
  } while (polled.kind != Polled::Kind::kRecords);
  CHECK(test::texts_of(polled.block) == Strings{"torn"});
  CHECK(polled.block.records.front().offset == 102);
  CHECK(polled.next_offset == 103);
  // A connection's end ends its last line; one that breaks off does not.
  two.reset();
  CHECK(records_of(source, 1) == Strings{"0:rest"});
  say(one, "half a rec");
  CHECK(polls_to(source, "drained 0"));
  next(source);
  const linger at_once{1, 0};
  ::setsockopt(one.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  one.reset();
  CHECK(records_of(source, 1) == Strings{"0:!truncated_record"});
}

TEST_CASE("socket source: wake() ends a poll, also while it is paused") {
  Made made(tcp());
  next(*made.source);
  next(*made.source);
  for (const bool paused : {false, true}) {
    made.source->pause(0, paused);
    std::thread waker([&] { made.source->wake(); });
    CHECK(next(*made.source, milliseconds{1000} * 3600) == "nothing");
    waker.join();
  }
}

TEST_CASE("socket source: while it is paused nothing is read, and senders are held back") {
  Made made(tcp());
  Source& source = *made.source;
  const Descriptor client = connect_to(made.port("tcp"));
  say(client, "first\n");
  CHECK(records_of(source, 1) == Strings{"0:first"});
  source.pause(0, true);
  REQUIRE(::fcntl(client.get(), F_SETFL, O_NONBLOCK) == 0);
  const std::string line(1023, 'x');
  std::string sent;
  while (true) {
    const ssize_t n = ::send(client.get(), (line + "\n").data(), 1024, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += (line + "\n").substr(0, static_cast<std::size_t>(n));
    REQUIRE(sent.size() < (std::size_t{1} << 30));
  }
  CHECK(next(source) == "nothing");
  source.pause(0, false);
  std::size_t bytes = 0;
  Polled polled;
  while (bytes < sent.size() / 1024 * 1024) {
    source.poll(polled, milliseconds{1000});
    for (const RawRecord& record : polled.block.records) bytes += record.bytes.size() + 1;
    if (polled.kind != Polled::Kind::kRecords) polled.block.records.clear();
  }
  CHECK(bytes == sent.size() / 1024 * 1024);
}

TEST_CASE("socket source: connections are bounded, and silent ones are closed") {
  SocketSourceOptions options = tcp();
  options.max_connections = 2;
  options.idle_close = std::chrono::seconds{0};
  Made made(options);
  Source& source = *made.source;
  const Descriptor one = connect_to(made.port("tcp"));
  const Descriptor two = connect_to(made.port("tcp"));
  const Descriptor three = connect_to(made.port("tcp"));
  std::thread poller([&] {
    // Until all three have been cut off: the third at once, the others since they say nothing.
    while (made.told.count("too_many_connections") + made.told.count("connection_idle") < 2) {
      next(source, milliseconds{1000});
    }
  });
  CHECK(is_cut_off(three));
  poller.join();
  CHECK(is_cut_off(one));
  CHECK(is_cut_off(two));
}

TEST_CASE(
    "socket source: records that are too long are refused, and what is unfinished is bounded") {
  SocketSourceOptions options = tcp();
  options.max_record_bytes = 1000;
  Made made(options);
  const Descriptor client = connect_to(made.port("tcp"));
  say(client, std::string(100'000, 'x') + "\nshort\n");
  CHECK(records_of(*made.source, 2) == Strings{"0:!record_too_long", "0:short"});

  Made large(tcp());
  std::vector<Descriptor> clients;
  std::vector<std::thread> senders;
  for (int i = 0; i < 8; ++i) clients.push_back(connect_to(large.port("tcp")));
  for (const Descriptor& socket : clients) {
    senders.emplace_back([&] {
      const std::string text(std::size_t{15} << 20, 'x');
      std::string_view left = text;
      while (!left.empty()) {
        const ssize_t n = ::send(socket.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (n <= 0) break;  // cut off
        left.remove_prefix(static_cast<std::size_t>(n));
      }
    });
  }
  while (large.told.count("connection_cut_off") == 0) next(*large.source, milliseconds{1000});
  large.source.reset();
  for (std::thread& sender : senders) sender.join();
}

TEST_CASE("socket source: a line without end keeps nobody from a turn") {
  Made made(tcp());
  const Descriptor endless = connect_to(made.port("tcp"));
  const Descriptor other = connect_to(made.port("tcp"));
  std::thread sender([&] {
    const std::string text(std::size_t{1} << 20, 'x');
    while (::send(endless.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  say(other, "a\n");
  Strings all;
  while (std::find(all.begin(), all.end(), "0:a") == all.end()) {
    for (std::string& text : records_of(*made.source, 1)) all.push_back(std::move(text));
  }
  made.source.reset();
  sender.join();
  CHECK(all.size() <= 2);
}

TEST_CASE("socket source: syslog over TCP, counted and in lines") {
  SocketSourceOptions options = tcp();
  options.framing = Framing::kSyslog;
  Made made(options);
  const Descriptor client = connect_to(made.port("tcp"));
  say(client, "11 <13>one\ntwo<13>three\n9 <13>fo");
  CHECK(records_of(*made.source, 2) == Strings{"0:<13>one\ntwo", "0:<13>three"});
  say(client, "ur\n");
  CHECK(records_of(*made.source, 1) == Strings{"0:<13>four"});
}

TEST_CASE("socket source: datagrams are records, and those that the system drops are told") {
  SocketSourceOptions options;
  options.udp = "127.0.0.1:0";
  options.max_record_bytes = 2000;
  Made made(options);
  REQUIRE_MESSAGE(made.source != nullptr, made.error);
  const Descriptor client = connect_to(made.port("udp"), SOCK_DGRAM);
  say(client, "<13>a\nb\n");
  ::send(client.get(), "", 0, 0);
  say(client, "<13>c");
  say(client, std::string(3000, 'x'));
  CHECK(records_of(*made.source, 3) == Strings{"0:<13>a\nb", "0:<13>c", "0:!record_too_long"});
  made.source->pause(0, true);
  const std::string big(1400, 'x');
  for (int i = 0; i < 20'000; ++i) say(client, big);
  made.source->pause(0, false);
  std::size_t received = 0;
  while (made.told.count("datagrams_dropped") == 0) {
    // What comes after the gap says how large it was.
    if (received > 0) say(client, big);
    received += records_of(*made.source, 1).size();
    REQUIRE(received < 20'000);
  }
}

TEST_CASE("socket source: Unix sockets, and a stale one in the place") {
  const TempFolder folder;
  SocketSourceOptions options;
  options.unix_path = folder / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(options.unix_path.begin(), options.unix_path.end(), address.sun_path);
  const auto connect_unix = [&] {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return socket;
  };
  {
    const Descriptor stale(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(stale.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  {
    Made made(options);
    REQUIRE_MESSAGE(made.source != nullptr, made.error);
    const Descriptor client = connect_unix();
    say(client, "a\n");
    CHECK(records_of(*made.source, 1) == Strings{"0:a"});
    // One that is in use is nobody's to take.
    CHECK(Made(options).source == nullptr);
    say(client, "b\n");
    CHECK(records_of(*made.source, 1) == Strings{"0:b"});
  }
  CHECK_FALSE(std::filesystem::exists(options.unix_path));
  test::write_file(options.unix_path, "no socket");
  CHECK(Made(options).source == nullptr);
  CHECK(test::read_file(options.unix_path) == "no socket");
}

TEST_CASE("socket source: addresses that are none are errors") {
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "1.2.3.4.5:1"}) {
    CAPTURE(address);
    SocketSourceOptions options;
    options.tcp = address;
    Made made(options);
    CHECK(made.source == nullptr);
    CHECK_FALSE(made.error.empty());
  }
  Made first(tcp());
  SocketSourceOptions taken;
  taken.tcp = "127.0.0.1:" + std::to_string(first.port("tcp"));
  Made second(taken);
  CHECK(second.source == nullptr);
  CHECK(second.error == taken.tcp + ": Address already in use");
}

/// A certificate of its own, for itself.
void write_certificate(const std::string& cert_file, const std::string& key_file) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME* const name = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(cert, name);
  REQUIRE(X509_sign(cert, key, EVP_sha256()) > 0);
  FILE* file = std::fopen(cert_file.c_str(), "w");
  PEM_write_X509(file, cert);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(cert);
  EVP_PKEY_free(key);
}

/// Shakes hands, sends, and says goodbye (or not). False where the server would not have it.
bool say_by_tls(std::uint16_t port, const std::string& text, const std::string& cert_file,
                const std::string& key_file, bool goodbye) {
  const Descriptor socket = connect_to(port);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (!cert_file.empty()) {
    SSL_CTX_use_certificate_chain_file(context, cert_file.c_str());
    SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM);
  }
  SSL* const session = SSL_new(context);
  SSL_set_fd(session, socket.get());
  bool fine =
      SSL_connect(session) == 1 && SSL_write(session, text.data(), static_cast<int>(text.size())) ==
                                       static_cast<int>(text.size());
  if (fine && goodbye) SSL_shutdown(session);
  char byte = 0;
  // With TLS 1.3 a client learns only now that its certificate was refused.
  if (!goodbye) fine = fine && SSL_read(session, &byte, 1) <= 0;
  const int code = SSL_get_error(session, 0);
  SSL_free(session);
  SSL_CTX_free(context);
  return fine && code != SSL_ERROR_SSL;
}

TEST_CASE("socket source: TLS, with certificates of clients where they are asked for") {
  std::signal(SIGPIPE, SIG_IGN);
  const TempFolder folder;
  write_certificate(folder / "cert", folder / "key");
  write_certificate(folder / "other-cert", folder / "other-key");
  SocketSourceOptions options = tcp();
  options.tls = {folder / "cert", folder / "key", ""};
  // More than one of TLS's own records, and more than is read at a time.
  const std::string line(300'000, 'x');
  {
    Made made(options);
    REQUIRE_MESSAGE(made.source != nullptr, made.error);
    std::thread client(
        [&] { CHECK(say_by_tls(made.port("tcp"), "a\n" + line + "\nlast", "", "", true)); });
    const Strings all = records_of(*made.source, 3);
    client.join();
    CHECK((all == Strings{"0:a", "0:" + line, "0:last"}));
    // Who speaks no TLS is cut off.
    const Descriptor plain = connect_to(made.port("tcp"));
    say(plain, "plain text\n");
    std::thread poller([&] { polls_to(*made.source, "drained 0"); });
    poller.join();
    while (::recv(plain.get(), nullptr, 0, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN) {
      next(*made.source, milliseconds{10});
    }
  }
  options.tls.client_ca_file = folder / "cert";
  {
    Made made(options);
    REQUIRE_MESSAGE(made.source != nullptr, made.error);
    std::thread clients([&] {
      say_by_tls(made.port("tcp"), "nobody\n", "", "", false);
      say_by_tls(made.port("tcp"), "other\n", folder / "other-cert", folder / "other-key", false);
      say_by_tls(made.port("tcp"), "known\n", folder / "cert", folder / "key", true);
    });
    CHECK(records_of(*made.source, 1) == Strings{"0:known"});
    clients.join();
  }
  options.tls.key_file = folder / "other-key";
  CHECK(Made(options).error.find(options.tls.key_file) == 0);
  options.tls.cert_file = folder / "none";
  CHECK(Made(options).error.find(options.tls.cert_file) == 0);
}

}  // namespace
}  // namespace weir::connectors
