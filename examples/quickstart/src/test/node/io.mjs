// How these scripts talk: one JSON object in by standard input, one JSON line out, exit code 0 only
// when the answer is there; a script that stays talks in such lines. Secrets never stand on the command
// line, where others could see them.

// rtc-node writes its debug log to standard output unless told that this is production. Whoever uses
// it imports this file first.
process.env.NODE_ENV ??= 'production';

export async function readInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

export function answer(value) {
  return new Promise((done) => process.stdout.write(JSON.stringify(value) + '\n', done));
}

export function main(work) {
  work().then(
    () => process.exit(0),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

/** What is said to a script that stays: one JSON object a line. */
export async function* lines() {
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const all = (rest + chunk).split('\n');
    rest = all.pop();
    for (const line of all) yield JSON.parse(line);
  }
}
