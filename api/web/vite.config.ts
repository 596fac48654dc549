import { defineConfig } from 'vite'

// dist is emptied by every build; public/.keep brings back dist/.keep, without which a fresh clone would have no dist to embed.
export default defineConfig({
  build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
  server: { proxy: { '/v1': 'http://localhost:8080' } }, // npx vite, beside `arpent serve`
})
