// The images that tests and benchmarks run, made without any registry: a static busybox and nothing else, and one with a web
// server that keeps up with a load.
import { execFile, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'

export const TEST_IMAGE = 'stowage-test/busybox:1'
export const WEB_IMAGE = 'stowage-test/web:1'
const HAPROXY = '/usr/sbin/haproxy'
const execute = promisify(execFile)
const APPLETS = ['sh', 'sleep', 'httpd', 'echo', 'true', 'false', 'cat', 'kill', 'touch', 'dd', 'id', 'pwd', 'ls', 'rm']

export const SOCKET = (process.env['DOCKER_HOST'] ?? '').replace(/^unix:\/\//, '') || '/var/run/docker.sock'
export const testDocker = (): Docker => new Docker({ socketPath: SOCKET })

/** Makes the image unless it is there. `tag`: another name for it, for tests that remove or rename. */
export const ensureTestImage = (docker: Docker, image: string = TEST_IMAGE): Promise<string> =>
  ensureImage(docker, image, async () => {})

/**
 * The same with a web server that does not fork for each request, as busybox's does: HAProxy, which is installed wherever load
 * balancers are, with the libraries that it needs.
 */
export const ensureWebImage = (docker: Docker): Promise<string> =>
  ensureImage(docker, WEB_IMAGE, async root => {
    const { stdout } = await execute('ldd', [HAPROXY])
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? [])
    for (const path of [HAPROXY, ...libraries]) {
      await mkdir(join(root, dirname(path)), { recursive: true })
      await copyFile(path, join(root, path))
    }
  })

const ensureImage = async (docker: Docker, image: string, fill: (root: string) => Promise<void>): Promise<string> => {
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
    await fill(root)
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
