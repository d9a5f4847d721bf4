// The variables of the environment by which a program gets out of this house: its proxies, and whom it trusts.

/** Proxy addresses may carry passwords. */
export const networkEnvironment = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].concat(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
)
