// Runs every benchmark, prints what it measured and writes it into bench/README.md, with the machine, the date and the commit.
//   npm run bench             everything (about five minutes)
//   npm run bench -- --quick  fewer runs; prints only
//   npm run bench -- scale    those that are named, which prints only; scale and store run in no other way
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../test/e2e/stowage.ts'
import { testDocker } from '../test/e2e/test-image.ts'
import { api } from './api.ts'
import { coldStart } from './cold-start.ts'
import { attempt, type Benchmark, type Figure, printFigures } from './figure.ts'
import { loadBalancer } from './load-balancer.ts'
import { memory } from './memory.ts'
import { placement } from './placement.ts'
import { replacement } from './replacement.ts'
import { rolling } from './rolling.ts'
import { runTask } from './run-task.ts'
import { scale } from './scale.ts'
import { store } from './store.ts'
import { swarm } from './swarm.ts'
import { throughput } from './throughput.ts'

const BENCHMARKS: readonly (readonly [name: string, benchmark: Benchmark])[] = [
  ['cold-start', coldStart],
  ['memory', memory],
  ['api', api],
  ['placement', placement],
  ['run-task', runTask],
  ['replacement', replacement],
  ['rolling', rolling],
  ['load-balancer', loadBalancer],
  ['throughput', throughput],
  ['swarm', swarm],
]

/** The one takes many minutes, the other measures a part. */
const BY_NAME: typeof BENCHMARKS = [
  ['scale', scale],
  ['store', store],
]

const page = async (all: readonly Figure[], notes: string): Promise<string> => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  const docker = await testDocker().version()
  const row = ({ what, measured, hold = '', met }: Figure) =>
    `| ${what.trim()} | ${measured} | ${hold} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`
  return `# Benchmarks

\`npm run bench\` measures and writes this page; \`node bench/<name>.ts [--quick]\` runs one. What each measures stands at the top of
its file. Figures that the design holds have a limit beside them. \`npm run bench -- scale\` (100,000 tasks on 500 simulated instances) takes
minutes and is run by itself; so is \`npm run bench -- store\`.

- ${new Date().toISOString().slice(0, 10)}, commit ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' with changes' : ''}
- ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}
- Docker Engine ${docker.Version}, Node.js ${process.version}

| what | measured | to hold | met |
|---|---|---|---|
${all.map(row).join('\n')}
${notes}`
}

/** What a person wrote below the table (why a figure is missed) stays. */
const writePage = async (figures: readonly Figure[]): Promise<void> => {
  const file = join(ROOT, 'bench/README.md')
  const old = await readFile(file, 'utf8').catch(() => '')
  const notes = /\n## Notes\n.*$/s.exec(old)?.[0] ?? ''
  await writeFile(file, await page(figures, notes))
}

const quick = process.argv.includes('--quick')
const named = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const chosen = named.length === 0 ? BENCHMARKS : [...BENCHMARKS, ...BY_NAME].filter(([name]) => named.includes(name))
const figures: Figure[] = []
for (const [name, benchmark] of chosen) {
  process.stdout.write(`\n== ${name}\n`)
  const measured = await attempt(name, () => benchmark({ quick }))
  printFigures(measured)
  figures.push(...measured)
}
if (!quick && named.length === 0) await writePage(figures)
const missed = figures.filter(figure => figure.met === false)
process.stdout.write(`\n${figures.length} figures, ${missed.length} missed\n`)
