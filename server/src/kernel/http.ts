/**
 * HTTP of Node.js. An `import` of node:http reads every name of it, and one of them, the WebSocket of browsers, brings a
 * library that takes longer to load than all the rest of `inn status`.
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http')

/** HTTP over TLS. It is loaded by the clients that are far away: most commands run on the server itself. */
export const overTls = () => process.getBuiltinModule('node:https')

/** Of each answer of the keeper: its version. */
export const VERSION_HEADER = 'x-innkeeper-version'
