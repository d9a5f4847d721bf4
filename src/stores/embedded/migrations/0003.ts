// The third schema: how many keys of writes each tenant has is counted without reading what was answered.

/** Statements that make schema 3 of schema 2. */
export const statements = `
CREATE INDEX claims_of_tenant ON claims (tenant, until);
`
