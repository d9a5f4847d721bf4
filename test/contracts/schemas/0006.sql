-- A database of schema 6: what schema 5 had, and a recap.

CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tenants (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  space INTEGER,                       -- the term space that is searched
  served INTEGER NOT NULL DEFAULT 0,   -- when it last had a job taken, in turns
  changes INTEGER NOT NULL DEFAULT 0   -- grows with every change of what a search may find
);

-- What was accepted last stands in hash, size, media_type, given_title and metadata; what answers, in edition,
-- version, title, passages, pages, warnings and published_hash.
CREATE TABLE documents (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant INTEGER NOT NULL,
  collection TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  given_title TEXT,
  metadata TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  job TEXT,
  edition INTEGER,
  version INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL DEFAULT '',
  passages INTEGER NOT NULL DEFAULT 0,
  pages INTEGER,
  warnings TEXT NOT NULL DEFAULT '[]',
  published_hash TEXT,
  added_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  removed_at INTEGER,
  UNIQUE (tenant, collection, name)
);
CREATE INDEX documents_by_id ON documents (tenant, id);
CREATE UNIQUE INDEX documents_by_edition ON documents (edition) WHERE edition IS NOT NULL;
CREATE INDEX documents_by_collection ON documents (tenant, collection, edition, removed_at);
CREATE INDEX documents_removed ON documents (tenant, edition, removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX documents_by_hash ON documents (hash);
CREATE INDEX documents_by_published_hash ON documents (published_hash) WHERE published_hash IS NOT NULL;

CREATE TABLE document_metadata (
  tenant INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, document INTEGER NOT NULL,
  PRIMARY KEY (tenant, name, value, document)
) WITHOUT ROWID;
CREATE INDEX metadata_of_document ON document_metadata (document);

-- One loaded version of a document: 'staged' until it is published, 'retired' for a while after it was replaced.
CREATE TABLE editions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  document INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  job TEXT,
  fence INTEGER NOT NULL,
  passages INTEGER NOT NULL DEFAULT 0,
  retired_at INTEGER
);
CREATE INDEX editions_of_document ON editions (document, version);
CREATE INDEX editions_retired ON editions (retired_at) WHERE retired_at IS NOT NULL;

CREATE TABLE passages (
  row INTEGER PRIMARY KEY,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  kind TEXT NOT NULL,
  page INTEGER,
  page_end INTEGER,
  length INTEGER NOT NULL,
  headings TEXT NOT NULL,
  prefix TEXT,
  text TEXT NOT NULL
);
CREATE TABLE staged_terms (row INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL);

-- The stored plain text in pieces, compressed; row = edition * 2^20 + piece.
CREATE TABLE texts (row INTEGER PRIMARY KEY, start INTEGER NOT NULL, "end" INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE blocks (edition INTEGER PRIMARY KEY, data BLOB NOT NULL);

-- The terms of one tenant under one analyser: the tables terms_N (FTS5), frequencies_N (fts5vocab) and words_N.
CREATE TABLE spaces (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  analyser TEXT NOT NULL,
  passages INTEGER NOT NULL DEFAULT 0,
  terms INTEGER NOT NULL DEFAULT 0,
  stale_words INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant, analyser)
);

-- Up to which row the terms of an edition stand in a space: its last possible row when all of them do.
CREATE TABLE edition_terms (
  edition INTEGER NOT NULL, space INTEGER NOT NULL, carried INTEGER NOT NULL,
  PRIMARY KEY (edition, space)
) WITHOUT ROWID;

-- The vectors of one embedder: the tables vectors_N (float32) and quantised_N (int8).
CREATE TABLE generations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  dimensions INTEGER,
  wanted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE edition_vectors (
  generation INTEGER NOT NULL, edition INTEGER NOT NULL, vectors INTEGER NOT NULL,
  PRIMARY KEY (generation, edition)
) WITHOUT ROWID;

-- Published editions that lack vectors of the wanted generation.
CREATE TABLE vector_gaps (edition INTEGER PRIMARY KEY);

CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant INTEGER NOT NULL,
  kind TEXT NOT NULL,
  lane INTEGER NOT NULL,
  document INTEGER,
  input TEXT NOT NULL,
  state TEXT NOT NULL,
  stage TEXT NOT NULL DEFAULT '',
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  losses INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  lease_until INTEGER,
  worker TEXT,
  fence INTEGER NOT NULL DEFAULT 0,
  error_code TEXT,
  error_message TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER
);
CREATE INDEX jobs_waiting ON jobs (lane, tenant, number) WHERE state = 'waiting';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_of_tenant ON jobs (tenant, id);
CREATE INDEX jobs_of_document ON jobs (document, number);

CREATE TABLE job_history (
  number INTEGER PRIMARY KEY, job INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, detail TEXT
);
CREATE INDEX history_of_job ON job_history (job, number);

CREATE TABLE sessions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  turns INTEGER NOT NULL,
  first TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (tenant, id)
);
CREATE INDEX sessions_recent ON sessions (tenant, updated_at);
CREATE TABLE turns (
  session INTEGER NOT NULL, position INTEGER NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (session, position)
) WITHOUT ROWID;

-- Blobs that may belong to no document any more.
CREATE TABLE orphans (hash TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms_1 USING fts5(title, body, content='', contentless_delete=1,
      tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~'''");
CREATE TABLE words_1 (number INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT NOT NULL UNIQUE);
CREATE TABLE vectors_1 (row INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE quantised_1 (row INTEGER PRIMARY KEY, scale REAL NOT NULL, data BLOB NOT NULL);
CREATE VIRTUAL TABLE frequencies_1 USING fts5vocab(terms_1, row);
INSERT INTO blocks VALUES (1, X'28b52ffd20294901005b7b226b696e64223a22706172616772617068222c227374617274223a302c22656e64223a33367d5d');
INSERT INTO document_metadata VALUES (1, 'color', '"red"', 1);
INSERT INTO documents VALUES (1, 'doc_01m7y1g0gfc1hwsh610jqqvvs8', 1, 'default', 'guide.txt', 'text/plain', 'c82a9662b31b5c763663f29c949ea0b7ee1d6582806e503ad5e03c919970c982', 42, NULL, '{"color":"red"}', 'ready', NULL, 'job_01m7y1g0gfyg1m90tkxds7qems', 1, 1, '', 2, NULL, '[]', 'c82a9662b31b5c763663f29c949ea0b7ee1d6582806e503ad5e03c919970c982', 1795230794255, 1795230794259, NULL);
INSERT INTO documents VALUES (2, 'doc_01m7y1g0h0833kw35skzk57x5z', 1, 'default', 'coming.txt', 'text/plain', 'ffbfabc54ca8a26ef654e1dfecce9802d96326869199f4b1dbac0adb1fe7de06', 6, NULL, '{}', 'waiting', NULL, 'job_01m7y1g0h04e8mm2mhtjwyemsk', NULL, 0, '', 0, NULL, '[]', NULL, 1795230794272, 1795230794272, NULL);
INSERT INTO edition_terms VALUES (1, 1, 2097151);
INSERT INTO edition_vectors VALUES (1, 1, 2);
INSERT INTO editions VALUES (1, 1, 1, 1, 'published', NULL, 1, 2, NULL);
INSERT INTO facts VALUES ('andon-version', '0.2.0');
INSERT INTO generations VALUES (1, 'g', 2, 1);
INSERT INTO job_history VALUES (1, 1, 1795230794255, 'accepted', NULL);
INSERT INTO job_history VALUES (2, 1, 1795230794256, 'taken', 'tester');
INSERT INTO job_history VALUES (3, 1, 1795230794259, 'done', NULL);
INSERT INTO job_history VALUES (4, 2, 1795230794272, 'accepted', NULL);
INSERT INTO jobs VALUES (1, 'job_01m7y1g0gfyg1m90tkxds7qems', 1, 'load', 0, 1, '{"hash":"c82a9662b31b5c763663f29c949ea0b7ee1d6582806e503ad5e03c919970c982","name":"guide.txt","mediaType":"text/plain","size":42}', 'done', 'done', 0, 0, 1, 0, 3, 1795230794255, NULL, NULL, 1, NULL, NULL, 1795230794255, 1795230794256, 1795230794259);
INSERT INTO jobs VALUES (2, 'job_01m7y1g0h04e8mm2mhtjwyemsk', 1, 'load', 0, 2, '{"hash":"ffbfabc54ca8a26ef654e1dfecce9802d96326869199f4b1dbac0adb1fe7de06","name":"coming.txt","mediaType":"text/plain","size":6}', 'waiting', '', 0, 0, 0, 0, 3, 1795230794272, NULL, NULL, 0, NULL, NULL, 1795230794272, NULL, NULL);
INSERT INTO passages VALUES (1048576, 0, 22, 'paragraph', NULL, NULL, 4, '["Line 1"]', NULL, 'A semaphore counts 信号量');
INSERT INTO passages VALUES (1048577, 23, 36, 'paragraph', NULL, NULL, 3, '["Line 2"]', NULL, 'A lock guards');
INSERT INTO quantised_1 VALUES (1048576, 0.007874015748031496, X'7f00');
INSERT INTO quantised_1 VALUES (1048577, 0.007874015748031496, X'007f');
INSERT INTO sessions VALUES (1, 1, 's', 1, 1, 'What is a semaphore?', 1795230794269);
INSERT INTO spaces VALUES (1, 1, 'test-words@1', 2, 7, 0);
INSERT INTO tenants VALUES (1, 'ours', 1, 1, 1);
INSERT INTO texts VALUES (1048576, 0, 36, X'28b52ffd202a510100412073656d6170686f726520636f756e747320e4bfa1e58fb7e9878f0a41206c6f636b20677561726473');
INSERT INTO turns VALUES (1, 0, '{"role":"user","text":"What is a semaphore?","at":1}');
INSERT INTO vectors_1 VALUES (1048576, X'0000803f00000000');
INSERT INTO vectors_1 VALUES (1048577, X'000000000000803f');
INSERT INTO words_1 VALUES (1, 'semaphore');
INSERT INTO words_1 VALUES (2, 'counts');
INSERT INTO words_1 VALUES (3, 'lock');
INSERT INTO words_1 VALUES (4, 'guards');
INSERT INTO terms_1 (rowid, title, body) VALUES (1048576, '', 'a semaphore counts 信号量');
INSERT INTO terms_1 (rowid, title, body) VALUES (1048577, '', 'a lock guards');
PRAGMA application_id = 1097753710;
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
CREATE INDEX claims_of_tenant ON claims (tenant, until);
UPDATE sessions SET title = 'Semaphores' WHERE id = 's';
INSERT INTO sessions VALUES (2, 1, 'removed', 1, 1, 'What is a lock?', 1795230794269, NULL, 1795230794270);
INSERT INTO turns VALUES (2, 0, '{"role":"user","text":"What is a lock?","at":1}');
INSERT INTO answers VALUES (1, 1, 'a', 'done', 1795230794255, '{"id":"a","question":"What is a semaphore?","startedAt":1795230794255}', X'28b52ffd20410902007b226576656e7473223a5b7b2274797065223a22746578742d64656c7461222c2274657874223a22497420636f756e74732e227d5d2c227370616e73223a5b5d7d');
INSERT INTO keys VALUES (1, 'key_1', 1, 'reader', '["ask"]', 'hash', 1795230794255, NULL, NULL, NULL);
INSERT INTO spendings VALUES (1, 'questions', '2026-11-21', 3);
INSERT INTO claims VALUES (1, 'k', 'print', '"reply"', 9007199254740991);
CREATE TABLE tool_settings (
  tenant INTEGER NOT NULL, tool TEXT NOT NULL, enabled INTEGER, permission TEXT, fingerprint TEXT,
  PRIMARY KEY (tenant, tool)
) WITHOUT ROWID;
INSERT INTO tool_settings VALUES(1,'calculator',0,'ask','print');
CREATE TABLE recaps (session INTEGER PRIMARY KEY, turns INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX answers_of_session ON answers (tenant, about ->> '$.sessionId') WHERE about ->> '$.sessionId' IS NOT NULL;
INSERT INTO recaps VALUES (1, 1, 'Semaphores were asked about.');
PRAGMA user_version = 6;
