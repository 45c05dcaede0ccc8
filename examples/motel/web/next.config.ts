import type { NextConfig } from 'next'

/** Where the API answers when nothing in front of both sends /api to it: on a developer's machine. */
const api = process.env.API_URL ?? 'http://127.0.0.1:3001'

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
  images: { unoptimized: true },
  rewrites: async () => [
    { source: '/api/:path*', destination: `${api}/api/:path*` },
    { source: '/socket.io/', destination: `${api}/socket.io/` },
  ],
  // Socket.IO asks for /socket.io/ and wants it to arrive like that.
  skipTrailingSlashRedirect: true,
}

export default config
