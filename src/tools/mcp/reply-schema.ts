// A schema that lets everything through: replies are read by those who asked, and results checked by the registry.

/** Anything at all, as a Standard Schema. */
export const anything = {
  '~standard': { version: 1 as const, vendor: 'andon', validate: (value: unknown) => ({ value }) },
}
