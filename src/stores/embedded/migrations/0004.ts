// The fourth schema: what people decided about tools.

/** Statements that make schema 4 of schema 3. */
export const statements = `
-- What nobody has decided is null.
CREATE TABLE tool_settings (
  tenant INTEGER NOT NULL, tool TEXT NOT NULL, enabled INTEGER, permission TEXT,
  PRIMARY KEY (tenant, tool)
) WITHOUT ROWID;
`
