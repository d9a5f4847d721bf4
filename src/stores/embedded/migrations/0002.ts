// The second schema: names and removal of conversations, records of answers, keys, and the ledger of what was used and
// what was done once.

/** Statements that make schema 2 of schema 1. */
export const statements = `
ALTER TABLE sessions ADD COLUMN title TEXT;
ALTER TABLE sessions ADD COLUMN removed_at INTEGER;
CREATE INDEX sessions_removed ON sessions (removed_at) WHERE removed_at IS NOT NULL;

-- Documents with the same bytes, and what a tenant keeps of documents and bytes.
CREATE INDEX documents_same ON documents (tenant, hash);
CREATE INDEX documents_kept ON documents (tenant, size) WHERE removed_at IS NULL;

-- Events and spans stand in data, compressed, once the answer has ended; all else in about.
CREATE TABLE answers (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  about TEXT NOT NULL,
  data BLOB,
  UNIQUE (tenant, id)
);
CREATE INDEX answers_started ON answers (started_at);
CREATE INDEX answers_running ON answers (number) WHERE state = 'running';

-- The secret is not kept: hash is its SHA-256.
CREATE TABLE keys (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant INTEGER NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
);
CREATE INDEX keys_of_tenant ON keys (tenant, number);

-- What a tenant used of something in a period, like 2026-11-21.
CREATE TABLE spendings (
  tenant INTEGER NOT NULL, what TEXT NOT NULL, period TEXT NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (tenant, what, period)
) WITHOUT ROWID;

-- Writes that came with a key of their own; without reply while they are under way.
CREATE TABLE claims (
  tenant INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, reply TEXT, until INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
CREATE INDEX claims_until ON claims (until);
`
