// The sixth schema: what was said first in a conversation, in short; and the answers of a conversation.

/** Statements that make schema 6 of schema 5. */
export const statements = `
-- turns: how many from the beginning it tells of.
CREATE TABLE recaps (session INTEGER PRIMARY KEY, turns INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX answers_of_session ON answers (tenant, about ->> '$.sessionId') WHERE about ->> '$.sessionId' IS NOT NULL;
`
