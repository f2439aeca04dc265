// usage: node main.js PROGRAM URL EMAIL

declare const process: { argv: string[] };

const [, , program, url, email] = process.argv;
if (url === undefined || email === undefined) throw new Error("usage: main.js PROGRAM URL EMAIL");
const { main } = (await import(`./${program}.js`)) as {
  main: (url: string, email: string) => Promise<void>;
};
await main(url, email);
