import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

// Where `make run` answers, for `npm run dev`.
const gateway = loadEnv("", ".", "GATEWAY").GATEWAY ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    sourcemap: false,
    // The policy of the site allows no script in the page, and no address of `data:`.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/api": { target: gateway }, "/oauth": { target: gateway } },
  },
});
