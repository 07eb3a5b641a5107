import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { removeProfile } from './remove.ts'
import { configSection, putSection, undoSection } from './section.ts'
import { writeProfile } from './write.ts'

let home: string
let said: string
const stdout = {
  write: (text: string) => {
    said += text
  },
}
const options = () => ({
  profile: 'stowage',
  data: join(home, '.stowage'),
  endpoint: 'http://127.0.0.1:7700',
  region: 'us-east-1',
})
const write = (env: Record<string, string> = {}, change: object = {}) =>
  writeProfile({ ...options(), ...change }, { stdout, env: { HOME: home, ...env } })
const remove = () => removeProfile(options(), { stdout })
const at = (...path: string[]) => join(home, ...path)
const read = (...path: string[]) => readFile(at(...path), 'utf8')

beforeEach(async () => {
  said = ''
  home = await mkdtemp(join(tmpdir(), 'stowage-profile-'))
  await mkdir(at('.stowage'))
  const keys = { accessKeyId: 'AKIA1', secretAccessKey: 'secret1' }
  await writeFile(at('.stowage/root-credentials.json'), JSON.stringify(keys))
})
afterEach(() => rm(home, { recursive: true }))

test('makes the files, readable by their owner only, and removes what it made', async () => {
  await write()
  assert.equal(
    await read('.aws/config'),
    '[profile stowage]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:7700\n',
  )
  assert.equal(
    await read('.aws/credentials'),
    '[stowage]\naws_access_key_id = AKIA1\naws_secret_access_key = secret1\n',
  )
  assert.equal((await stat(at('.aws/credentials'))).mode & 0o777, 0o600)
  assert(!said.includes('secret1'))
  await remove()
  await remove()
  assert(!existsSync(at('.aws')))
  assert.deepEqual(await readdir(at('.stowage')), ['root-credentials.json'])
})

const CONFIG = '# mine\r\n[default]\nregion=eu-west-1\n\n[profile other]\n  s3 =\n    x = 1\n# the end'

test('leaves other profiles byte for byte, through writing again and removing', async () => {
  await mkdir(at('.aws'))
  await writeFile(at('.aws/config'), CONFIG, { mode: 0o640 })
  await write()
  const once = await read('.aws/config')
  assert(once.startsWith(`${CONFIG}\n\n[profile stowage]\n`))
  await write()
  assert.equal(await read('.aws/config'), once)
  await write({}, { endpoint: 'http://127.0.0.1:9999' })
  assert.match(await read('.aws/config'), /9999/)
  assert.doesNotMatch(await read('.aws/config'), /7700/)
  await remove()
  assert.equal(await read('.aws/config'), CONFIG)
  assert.equal((await stat(at('.aws/config'))).mode & 0o777, 0o640)
  assert(!existsSync(at('.aws/credentials')))
})

test("puts back a profile of that name that was somebody else's", async () => {
  const mine = '[profile  "stowage"]\nregion = eu-north-1\n\n; about other\n[profile other]\nregion = x\n'
  await mkdir(at('.aws'))
  await writeFile(at('.aws/config'), mine)
  await write()
  assert.match(await read('.aws/config'), /endpoint_url[^\n]*\n\n; about other\n\[profile other\]/)
  assert.doesNotMatch(await read('.aws/config'), /eu-north-1/)
  await remove()
  assert.equal(await read('.aws/config'), mine)
})

test('what others wrote meanwhile stays, and a section that somebody changed goes', async () => {
  await write()
  await writeFile(at('.aws/config'), `${await read('.aws/config')}\n[profile later]\nregion = y\n`)
  await writeFile(at('.aws/credentials'), '[stowage]\naws_access_key_id = changed\n\n[later]\na = b\n')
  await remove()
  assert.equal(await read('.aws/config'), '\n[profile later]\nregion = y\n')
  assert.equal(await read('.aws/credentials'), '\n[later]\na = b\n')
})

test('honours AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, and follows links', async () => {
  await mkdir(at('dotfiles'))
  await writeFile(at('dotfiles/config'), '[default]\n')
  await symlink(at('dotfiles/config'), at('config-link'))
  await write({ AWS_CONFIG_FILE: '~/config-link', AWS_SHARED_CREDENTIALS_FILE: at('a/b/keys') })
  assert.match(await read('dotfiles/config'), /stowage/)
  assert.match(await read('a/b/keys'), /AKIA1/)
  assert(!existsSync(at('.aws')))
  await remove()
  assert.equal(await read('dotfiles/config'), '[default]\n')
  assert(!existsSync(at('a')))
})

test('a write after a crash that came between the memory and the files', async () => {
  await mkdir(at('.aws'))
  await writeFile(at('.aws/config'), CONFIG)
  await write()
  await writeFile(at('.aws/config'), CONFIG)
  await remove()
  assert.equal(await read('.aws/config'), CONFIG)
})

test('keys given by the environment are used as the server uses them', async () => {
  await write({ STOWAGE_ROOT_ACCESS_KEY_ID: 'AKIA2', STOWAGE_ROOT_SECRET_ACCESS_KEY: 'secret2' })
  assert.match(await read('.aws/credentials'), /AKIA2/)
})

test('without a key pair it says what is missing', async () => {
  await rm(at('.stowage/root-credentials.json'))
  await assert.rejects(write(), /has the server been started/)
  await assert.rejects(write({}, { profile: 'a]\n[b' }), /cannot be the name/)
})

test('undo is the inverse of put, whatever the file says', () => {
  const line = fc.constantFrom('[profile stowage]', '[default]', '[profile a]', 'x = 1', '', '  ', '# c', '[', ']', 'y')
  const text = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  fc.assert(
    fc.property(text, ([lines, end, last]) => {
      const before = lines.join(end) + (last ? end : '')
      const { text: after, edit } = putSection(before, configSection('stowage'), { region: 'r' })
      assert.equal(undoSection(after, configSection('stowage'), edit), before)
    }),
    { numRuns: 2_000 },
  )
})
