import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `vite web` finds the API: a keeper, or `web/dev/fixture.ts`. */
const keeper = process.env['INNKEEPER_URL'] ?? 'http://127.0.0.1:7070'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The keeper's content security policy has no `data:`.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'libraries', test: /node_modules/ }] } } },
    target: ['chrome123', 'firefox128', 'safari17.5'],
  },
  // The keeper compares Origin with Host: both must be what the browser sees.
  server: { host: '127.0.0.1', proxy: { '/api': { target: keeper, changeOrigin: false } } },
})
