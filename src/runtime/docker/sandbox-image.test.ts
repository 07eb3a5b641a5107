import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandboxProgram, sandboxTar, tarOf } from './sandbox-image.ts'

test('the program is one small segment that begins with its code', () => {
  const sizes = { x86_64: 129, arm64: 152 } as const
  for (const architecture of ['x86_64', 'arm64'] as const) {
    const program = sandboxProgram(architecture)
    assert.equal(program.length, sizes[architecture])
    assert.equal(program.subarray(0, 4).toString('latin1'), '\x7fELF')
    const [entry, base, size] = [24, 80, 96].map(at => Number(program.readBigUInt64LE(at)))
    assert.equal((entry ?? 0) - (base ?? 0), 120)
    assert.equal(size, program.length)
  }
  assert.equal(sandboxProgram('x86_64').readUInt16LE(18), 62)
  assert.equal(sandboxProgram('arm64').readUInt16LE(18), 183)
})

test('the tar is whole blocks with a header that sums up', () => {
  const tar = tarOf('pause', Buffer.from('abc'))
  assert.equal(tar.length, 4 * 512)
  const sum = tar.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  assert.equal(Number.parseInt(tar.subarray(148, 154).toString(), 8), sum)
  assert.deepEqual(
    [tar.subarray(0, 5), tar.subarray(100, 107), tar.subarray(124, 135), tar.subarray(512, 515)].map(String),
    ['pause', '0000755', '00000000003', 'abc'],
  )
  assert.ok(sandboxTar('x86_64').includes(sandboxProgram('x86_64')))
})
