// Holds the style: who may import whom, how long a file or function may be, which calls are banned where, and that every
// modelled operation is either built or listed as not yet. Reads the sources as text; runs none of them.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '..')
const FILE_LINES = 400
const FUNCTION_LINES = 60

const filesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()

const sources = filesUnder('src')
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const isTest = (file: string): boolean =>
  file.endsWith('.test.ts') || /(^|\/)(test-[a-z-]+|testing\/[a-z-]+)\.ts$/.test(file)

// A room, by the start of a path, and the rooms (or single files) it may import from besides itself. The first match counts.
const MATRIX: readonly (readonly [room: RegExp, allowed: RegExp])[] = [
  [/^src\/main\.ts$/, /./],
  [/^src\/roles\//, /^src\/(?!main\.ts|cli\/)/],
  [/^src\/lib\//, /^$/],
  [/^src\/domain\//, /^src\/lib\//],
  [/^src\/store\//, /^src\/(domain|lib)\//],
  [/^src\/scheduler\//, /^src\/(domain|lib)\//],
  [/^src\/aws\//, /^src\/lib\//],
  [/^src\/services\/[a-z0-9]+\//, /^src\/(aws|domain|store|scheduler|lib)\//],
  [/^src\/reconcilers\/[a-z-]+\/plan[a-z-]*\.ts$/, /^src\/(domain|scheduler|lib)\//],
  [/^src\/reconcilers\//, /^src\/(store|load-balancer|domain|scheduler|lib)\//],
  [/^src\/load-balancer\//, /^src\/(domain|lib)\//],
  [/^src\/runtime\//, /^src\/(domain|lib)\//],
  [/^src\/dispatcher\//, /^src\/(domain|store|agent-link|lib)\//],
  [/^src\/agent-link\//, /^src\/(domain|lib)\//],
  [/^src\/agent\//, /^src\/(runtime\/driver\.ts|domain\/|agent-link\/|lib\/)/],
  [/^src\/telemetry\//, /^src\/lib\//],
  [/^src\/cli\//, /^src\/lib\//],
]

const roomOf = (file: string): string => {
  const service = /^src\/services\/[a-z0-9]+/.exec(file)
  return service ? service[0] : file.split('/').slice(0, 2).join('/')
}

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match =>
    relative(ROOT, resolve(ROOT, dirname(file), match[1] ?? '')),
  )

describe('tidy', () => {
  test('rooms import only what the matrix allows', () => {
    const wrong: string[] = []
    for (const file of sources) {
      const rule = MATRIX.find(([room]) => room.test(file))
      if (!rule) {
        wrong.push(`${file}: stands in no room`)
        continue
      }
      // A test may use any room's test constructor and the fake driver; what it tests may not.
      if (isTest(file)) continue
      for (const target of importsOf(file)) {
        const plan = /\/plan[a-z-]*\.ts$/.test(file) && target.startsWith('src/reconcilers/')
        const own = target.startsWith(`${roomOf(file)}/`) && !plan
        const besidePlan = plan && dirname(target) === dirname(file)
        if (!own && !besidePlan && !rule[1].test(target)) wrong.push(`${file} imports ${target}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  test('the CLI imports nothing of the server', () => {
    const wrong = sources
      .filter(file => file.startsWith('src/cli/') && !isTest(file))
      .flatMap(file => importsOf(file).filter(target => !/^src\/(cli|lib)\//.test(target)))
    assert.deepEqual(wrong, [])
  })

  test(`files stay under ${FILE_LINES} lines, functions under ${FUNCTION_LINES}`, () => {
    const wrong: string[] = []
    for (const file of [...sources, ...filesUnder('test'), ...filesUnder('bench'), ...filesUnder('scripts')]) {
      const lines = textOf(file).split('\n')
      if (lines.length > FILE_LINES && !isTest(file)) wrong.push(`${file}: ${lines.length} lines`)
      if (isTest(file)) continue
      for (const { line, length } of functionsOf(lines)) {
        if (length > FUNCTION_LINES) wrong.push(`${file}:${line}: a function of ${length} lines`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  test('every file opens with what it decides', () => {
    const wrong = sources.filter(file => !isTest(file) && !/^(\/\/|\/\*\*)/.test(textOf(file)))
    assert.deepEqual(wrong, [])
  })

  test('time, chance, environment and console come in as parameters', () => {
    const banned =
      /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|randomUUID|randomBytes|process\.env|console\.|AbortSignal\.timeout)\b|new Date\(\)/
    const wrong: string[] = []
    for (const file of sources) {
      if (isTest(file) || file.startsWith('src/lib/') || file === 'src/main.ts') continue
      textOf(file)
        .split('\n')
        .forEach((line, index) => {
          const code = line.replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '')
          if (banned.test(code)) wrong.push(`${file}:${index + 1}: ${line.trim()}`)
        })
    }
    assert.deepEqual(wrong, [])
  })

  test('no default exports, enums, decorators or unclear names', () => {
    const wrong = sources.filter(
      file =>
        /^export default|^export enum|^(export )?(declare )?namespace /m.test(textOf(file)) ||
        /(manager|helper|utils|handler2|index)\.ts$/.test(file),
    )
    assert.deepEqual(wrong, [])
  })

  test('every modelled operation is built or listed as not yet', () => {
    const coverage = readFileSync(join(ROOT, 'docs/coverage.md'), 'utf8')
    const missing: string[] = []
    for (const service of readdirSync(join(ROOT, 'src/services'))) {
      const model: unknown = JSON.parse(textOf(`src/services/${service}/model.generated.json`))
      for (const operation of operationsIn(model)) {
        const listed = coverage.includes(`| ${operation} |`) || coverage.includes(`\`${operation}\``)
        if (!listed) missing.push(`${service} ${operation}`)
      }
    }
    assert.deepEqual(missing, [])
  })

  test('no file names a path of somebody’s machine', () => {
    const everywhere = [...sources, ...filesUnder('test'), ...filesUnder('scripts'), ...filesUnder('bench')]
    const wrong = everywhere.filter(file => /['"`\s]\/(home|Users|work)\/[a-z]/.test(textOf(file)))
    assert.deepEqual(wrong, [])
  })
})

const operationsIn = (model: unknown): string[] => {
  assert.ok(typeof model === 'object' && model !== null && 'operations' in model)
  return Object.keys(model.operations as object)
}

// Functions by indentation, which the formatter guarantees: a line that opens a body, up to the line that closes it at the
// same depth. What a function holds in functions of its own is theirs: a factory is as long as what stands between them.
const functionsOf = (lines: readonly string[]): { line: number; length: number }[] => {
  const found: { from: number; to: number }[] = []
  lines.forEach((text, index) => {
    if (!/(=>|function\b.*\)|\)(: [^=]+)?) \{$/.test(text)) return
    if (/^\s*(describe|test|if|for|while|switch|\} else)\b/.test(text)) return
    const indent = text.length - text.trimStart().length
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${' '.repeat(indent)}}`))
    if (end > index) found.push({ from: index, to: end })
  })
  return found.map(({ from, to }) => {
    const inside = found.filter(other => other.from > from && other.to < to)
    const outermost = inside.filter(one => !inside.some(other => other.from < one.from && other.to > one.to))
    const theirs = outermost.reduce((sum, one) => sum + one.to - one.from + 1, 0)
    return { line: from + 1, length: to - from + 1 - theirs }
  })
}
