// What connectors need to be let in, and to let in. Values of secrets are read from files or the
// environment by whoever reads the config; they are never printed.
#pragma once

#include <string>

namespace weir::connectors {

/// Towards a server.
struct TlsClient {
  bool on = false;
  std::string ca_file;    // empty: the system's
  std::string cert_file;  // with key_file: our own certificate
  std::string key_file;
  bool verify = true;
};

/// Of a server of ours.
struct TlsServer {
  std::string cert_file;  // empty: no TLS
  std::string key_file;
  std::string client_ca_file;  // given: clients need a certificate of it
};

struct Login {
  std::string user;
  std::string password;
};

}  // namespace weir::connectors
