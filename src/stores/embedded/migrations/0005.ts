// The fifth schema: what a tool was when somebody decided about it.

/** Statements that make schema 5 of schema 4. */
export const statements = `
-- Of the tool that the permission was given to; null where it holds whatever the tool becomes.
ALTER TABLE tool_settings ADD COLUMN fingerprint TEXT;
`
