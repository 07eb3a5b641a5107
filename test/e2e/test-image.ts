// The image that tests and benchmarks run: a static busybox and nothing else, made without any registry.
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'

export const TEST_IMAGE = 'stowage-test/busybox:1'
const APPLETS = ['sh', 'sleep', 'httpd', 'echo', 'true', 'false', 'cat', 'kill', 'touch', 'dd', 'id', 'pwd', 'ls', 'rm']

export const SOCKET = (process.env['DOCKER_HOST'] ?? '').replace(/^unix:\/\//, '') || '/var/run/docker.sock'
export const testDocker = (): Docker => new Docker({ socketPath: SOCKET })

/** Makes the image unless it is there. `tag`: another name for it, for tests that remove or rename. */
export const ensureTestImage = async (docker: Docker, image: string = TEST_IMAGE): Promise<string> => {
  const there = await docker
    .getImage(image)
    .inspect()
    .then(() => true)
    .catch(() => false)
  if (there) return image
  const root = await mkdtemp(join(tmpdir(), 'stowage-image-'))
  try {
    await mkdir(join(root, 'bin'))
    await mkdir(join(root, 'tmp'))
    await copyFile(await staticBusybox(), join(root, 'bin/busybox'), constants.COPYFILE_FICLONE)
    for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet))
    const tar = spawn('tar', ['-C', root, '--owner=0', '--group=0', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const colon = image.lastIndexOf(':')
    const name = { repo: image.slice(0, colon), tag: image.slice(colon + 1) }
    const stream = await docker.importImage(tar.stdout, { ...name, changes: 'CMD ["/bin/sleep","1000000"]' })
    for await (const chunk of stream) {
      if (String(chunk).includes('"error"')) throw new Error(`the engine could not import the image: ${chunk}`)
    }
  } finally {
    await rm(root, { recursive: true })
  }
  return image
}

const staticBusybox = async (): Promise<string> => {
  for (const path of ['/bin/busybox', '/usr/bin/busybox']) {
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  throw new Error('no /bin/busybox here: install the package busybox-static')
}
