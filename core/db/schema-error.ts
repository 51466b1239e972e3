/** PostgreSQL cannot be used as it is; the message says what to do. */
export class SchemaError extends Error {}
