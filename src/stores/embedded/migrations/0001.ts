// The first schema. A passage's row number is its edition's number times 2^20 plus its ordinal, so that the document
// of a found row is known without a look-up, rows are never used twice, and an edition is a range of rows.

/** Statements that make schema 1. */
export const statements = `
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
`
