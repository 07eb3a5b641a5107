// The image behind a task's sandbox, the container that holds its network: one program that sleeps for ever, made here, so
// that no registry is needed. As process 1 without handlers it ignores SIGTERM: a sandbox is killed. Pure.
// Before: images.ts, when the engine does not have it. After: the engine's image import, which takes a tar.
import { assert } from '../../lib/assert.ts'

export type Architecture = 'x86_64' | 'arm64'

/** Where the ELF is mapped, and its code begins right behind the two headers. */
const BASE = 0x400000n
const ELF_HEADER = 64
const PROGRAM_HEADER = 56
const CODE_AT = ELF_HEADER + PROGRAM_HEADER

const MACHINE = { x86_64: 62, arm64: 183 } as const

const CODE = {
  // mov eax, 34 (pause); syscall; jmp to the beginning
  x86_64: [0xb8, 0x22, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xeb, 0xf7],
  // There is no pause(2): x0..x4 = 0; x8 = 73 (ppoll); svc 0; b to the beginning. Little-endian words.
  arm64: [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd2800928, 0xd4000001, 0x17fffff9].flatMap(
    word => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24],
  ),
} as const

/** A static executable: one segment, readable and executable, which is the whole file. 129 bytes on x86_64. */
export const sandboxProgram = (architecture: Architecture): Buffer => {
  const code = Buffer.from(CODE[architecture])
  const size = BigInt(CODE_AT + code.length)
  const elf = Buffer.alloc(CODE_AT)
  // 64 bits, little-endian, version 1, System V.
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]).copy(elf)
  elf.writeUInt16LE(2, 16)
  elf.writeUInt16LE(MACHINE[architecture], 18)
  elf.writeUInt32LE(1, 20)
  elf.writeBigUInt64LE(BASE + BigInt(CODE_AT), 24)
  elf.writeBigUInt64LE(BigInt(ELF_HEADER), 32)
  elf.writeUInt16LE(ELF_HEADER, 52)
  elf.writeUInt16LE(PROGRAM_HEADER, 54)
  elf.writeUInt16LE(1, 56)
  // PT_LOAD, read and execute, from the file's beginning.
  elf.writeUInt32LE(1, ELF_HEADER)
  elf.writeUInt32LE(5, ELF_HEADER + 4)
  elf.writeBigUInt64LE(BASE, ELF_HEADER + 16)
  elf.writeBigUInt64LE(BASE, ELF_HEADER + 24)
  elf.writeBigUInt64LE(size, ELF_HEADER + 32)
  elf.writeBigUInt64LE(size, ELF_HEADER + 40)
  elf.writeBigUInt64LE(0x1000n, ELF_HEADER + 48)
  return Buffer.concat([elf, code])
}

const BLOCK = 512

/** A tar of one executable file, as POSIX's ustar has it. */
export const tarOf = (name: string, content: Buffer): Buffer => {
  assert(name.length < 100, 'tarOf: a name that needs no prefix')
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0)
  header.write('0000755\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write(`${'0'.repeat(11)}\0`, 136)
  // The checksum counts its own field as spaces.
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)])
}

/** What is imported: the program as `/pause`. */
export const sandboxTar = (architecture: Architecture): Buffer => tarOf('pause', sandboxProgram(architecture))
