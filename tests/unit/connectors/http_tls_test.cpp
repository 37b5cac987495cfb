#include "http_support.hpp"

namespace weir::connectors::test {
namespace {

/// A CA, a certificate of a server (127.0.0.1, localhost) and one of a client.
struct Certificates {
  Certificates() {
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca "
        "-keyout {0}/ca.key "
        "-out {0}/ca.pem");
    for (const char* name : {"server", "client"}) {
      dir.write("ext", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
      openssl(
          "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout "
          "{0}/{1}.key "
          "-out {0}/{1}.csr",
          name);
      openssl(
          "x509 -req -in {0}/{1}.csr -CA {0}/ca.pem -CAkey {0}/ca.key -CAcreateserial -days 2 "
          "-extfile {0}/ext -out {0}/{1}.pem",
          name);
    }
  }
  void openssl(std::string_view arguments, std::string_view name = "") const {
    int code = 0;
    run("openssl " + fmt::format(fmt::runtime(arguments), dir / "", name) + " 2>/dev/null", &code);
    REQUIRE(code == 0);
  }
  TlsServer server() const { return {dir / "server.pem", dir / "server.key", ""}; }

  TempFolder dir;
};

std::unique_ptr<HttpServer> serve(const TlsServer& tls, Notes& notes) {
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  options.slow_client = 1s;
  options.tls = tls;
  std::string error;
  auto server = make_http_server(options, notes, error);
  REQUIRE_MESSAGE(server != nullptr, error);
  server->route("POST", "/", [](const HttpRequest& request) {
    HttpResponse response;
    response.body = std::to_string(request.body.size());
    return response;
  });
  REQUIRE(server->start(error));
  return server;
}

SendResult send_one(const Certificates& certificates, std::uint16_t port,
                    const std::function<void(HttpClientOptions&)>& change) {
  WebhookSinkOptions options;
  options.client.url = fmt::format("https://127.0.0.1:{}/", port);
  options.client.tls.ca_file = certificates.dir / "ca.pem";
  change(options.client);
  Notes notes;
  std::string error;
  const auto sink = make_webhook_sink(options, notes, error);
  REQUIRE_MESSAGE(sink != nullptr, error);
  const OutRecord record{"{}", "", ""};
  return sink->send({&record, 1});
}

using State = SendResult::State;

TEST_CASE("TLS, certificates of clients, and who does not verify") {
  const Certificates certificates;
  Notes notes;
  const std::string ca = certificates.dir / "ca.pem";
  {
    const auto server = serve(certificates.server(), notes);
    const std::string url = fmt::format("https://127.0.0.1:{}/", server->port());
    CHECK(run(fmt::format("curl -s --cacert {} -d abc {} {}", ca, url, url)) == "33");
    const std::string big = certificates.dir.write("big", std::string(3'000'000, 'x'));
    CHECK(run(fmt::format("curl -s --cacert {} --data-binary @{} {}", ca, big, url)) == "3000000");
    int code = 0;
    run(fmt::format("curl -s -d abc {}", url), &code);
    CHECK(code == 60);  // curl does not know the CA
    run(fmt::format("curl -s --cacert {} --tls-max 1.1 -d abc {}", ca, url), &code);
    CHECK(code == 35);

    CHECK(send_one(certificates, server->port(), [](auto&) {}).state == State::kDone);
    const SendResult unknown = send_one(
        certificates, server->port(), [](HttpClientOptions& options) { options.tls.ca_file = ""; });
    CHECK(unknown.state == State::kTryAgain);
    CHECK(unknown.problem.find("certificate") != std::string::npos);
    CHECK(send_one(certificates, server->port(), [](HttpClientOptions& options) {
            options.tls.ca_file = "";
            options.tls.verify = false;
          }).state == State::kDone);

    // One that never says hello, and one that speaks plain HTTP.
    RawClient silent(server->port());
    CHECK(silent.rest().empty());
    RawClient plain(server->port());
    plain.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(plain.rest().find("200") == std::string::npos);
  }
  {
    TlsServer tls = certificates.server();
    tls.client_ca_file = ca;
    const auto server = serve(tls, notes);
    const std::string url = fmt::format("https://127.0.0.1:{}/", server->port());
    CHECK(run(fmt::format("curl -s --cacert {} -d abc {}", ca, url)).empty());
    CHECK(run(fmt::format("curl -s --cacert {0} --cert {1} --key {2} -d abc {3}", ca,
                          certificates.dir / "client.pem", certificates.dir / "client.key", url)) ==
          "3");
    CHECK(send_one(certificates, server->port(), [](auto&) {}).state == State::kTryAgain);
    CHECK(send_one(certificates, server->port(), [&](HttpClientOptions& options) {
            options.tls.cert_file = certificates.dir / "client.pem";
            options.tls.key_file = certificates.dir / "client.key";
          }).state == State::kDone);
  }
}

TEST_CASE("files that are no certificates") {
  const TempFolder dir;
  const std::string junk = dir.write("junk", "junk");
  Notes notes;
  for (const TlsServer& tls : {TlsServer{junk, junk, ""}, TlsServer{dir / "none", junk, ""},
                               TlsServer{"", junk, ""}, TlsServer{"", "", junk}}) {
    HttpServerOptions options;
    options.tls = tls;
    std::string error;
    CHECK(make_http_server(options, notes, error) == nullptr);
    CHECK_FALSE(error.empty());
  }
}

}  // namespace
}  // namespace weir::connectors::test
