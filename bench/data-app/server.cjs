const { createServer } = require('node:http')
const { Pool } = require('pg')

const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_POOL_SIZE),
})
pool.on('error', () => {})

createServer(async (request, response) => {
  response.setHeader('content-type', 'application/json')
  try {
    if (request.url === '/health') {
      await pool.query('select 1')
      return response.end('{"status":"ok"}')
    }
    const aid = 1 + Math.floor(Math.random() * 100_000)
    const { rows } = await pool.query('select abalance from pgbench_accounts where aid = $1', [aid])
    response.end(JSON.stringify(rows[0]))
  } catch (error) {
    response.statusCode = 500
    response.end(JSON.stringify({ error: error.message }))
  }
}).listen(process.env.PORT, process.env.HOST)
