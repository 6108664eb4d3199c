#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs into a folder of its own, and tries what is there: the binary, the manual page, the
shells' completions, a script that begins with #!; then uninstalls."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ['SOURCE'])
BUILD = os.environ['BUILD']
LIMIT = 60


def run(*words, **options):
    options.setdefault('check', True)
    return subprocess.run(words, capture_output=True, text=True, timeout=LIMIT,
                          stdin=subprocess.DEVNULL, **options)


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob('*') if not path.is_dir()}


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp())
        environment = dict(os.environ, DESTDIR=str(cls.root))
        run('meson', 'install', '-C', BUILD, '--no-rebuild', '--only-changed', env=environment)
        cls.prefix = next(cls.root.rglob('bin/forklab')).parent.parent
        cls.path = {'PATH': f'{cls.prefix}/bin:{os.environ["PATH"]}'}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def page(self):
        return self.prefix / 'share/man/man1/forklab.1'

    def test_all_of_it_is_there(self):
        self.assertLessEqual(
            {'bin/forklab', 'share/man/man1/forklab.1', 'share/doc/forklab/LICENSE',
             'share/doc/forklab/NEWS', 'share/bash-completion/completions/forklab',
             'share/zsh/site-functions/_forklab', 'share/fish/vendor_completions.d/forklab.fish'},
            files_in(self.prefix))

    def test_the_binary_runs(self):
        answer = run(self.prefix / 'bin/forklab', '-q', '-c', 'pool 2 4')
        self.assertEqual(answer.stdout, 'Pool: [0, 1, 4, 9]\n')

    def test_a_script_with_a_first_line_runs(self):
        script = self.root / 'lesson.fl'
        script.write_text('#!/usr/bin/env forklab\necho hello\n')
        script.chmod(0o755)
        self.assertEqual(run(script, env=self.path).stdout, 'hello\n')

    def test_the_version_has_one_place(self):
        version = re.search(r"^  version: '(.+)',$", (SOURCE / 'meson.build').read_text(), re.M)[1]
        first = run(self.prefix / 'bin/forklab', '-V').stdout.split('\n')[0]
        self.assertEqual(first, f'forklab {version}')
        self.assertTrue((SOURCE / 'src/install/NEWS').read_text().startswith(first))

    def test_the_page_says_what_help_says(self):
        page = re.sub(r'\s+', ' ', self.page().read_text().replace('\\-', '-').replace('\\e', '\\')
                      .replace('\\(dq', '"').replace('\\&', ''))
        names = re.findall(r'^COMMAND\((\w+)\)$',
                           (SOURCE / 'src/commands/commands.def').read_text(), re.M)
        self.assertIn('spawn', names)
        for name in names:
            told = run(self.prefix / 'bin/forklab', '-c', f'help {name}').stdout
            usage = re.sub(r'\s+', ' ', told.split('\n\n')[0]).strip()
            self.assertIn(usage, page)

    @unittest.skipUnless(shutil.which('mandoc'), 'needs mandoc')
    def test_mandoc_finds_nothing_wrong(self):
        answer = run('mandoc', '-Tlint', '-Wstyle', self.page(), check=False)
        told = [line for line in (answer.stdout + answer.stderr).splitlines()
                if 'mandoc.db' not in line and 'referenced manual not found' not in line]
        self.assertEqual([], told)

    @unittest.skipUnless(shutil.which('man'), 'needs man')
    def test_man_shows_it_without_a_warning(self):
        answer = run('man', '-l', '--warnings', self.page(), check=False,
                     env=dict(os.environ, MANPAGER='cat', LC_ALL='C.UTF-8'))
        self.assertEqual((answer.returncode, answer.stderr), (0, ''))
        self.assertIn('spawn N [SIZE]', re.sub(r'.\x08', '', answer.stdout))

    def bash_offers(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _forklab '
                  '2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"')
        return run('bash', '-c', script, 'bash',
                   self.prefix / 'share/bash-completion/completions/forklab',
                   *words, cwd=self.root).stdout.split()

    def test_bash_completes(self):
        self.assertEqual(self.bash_offers('forklab', '--j'), ['--json'])
        self.assertEqual(self.bash_offers('forklab', '-c', 'barr'), ['barrier'])
        self.assertEqual(self.bash_offers('forklab', '--color', '=', 'al'), ['always'])
        (self.root / 'first.fl').write_text('')
        self.assertEqual(self.bash_offers('forklab', 'firs'), ['first.fl'])

    @unittest.skipUnless(shutil.which('fish'), 'needs fish')
    def test_fish_completes(self):
        script = f'source {self.prefix}/share/fish/vendor_completions.d/forklab.fish; ' \
                 'complete -C "forklab --js"; complete -C "forklab -c barr"'
        told = run('fish', '-N', '-c', script, cwd=self.root).stdout
        self.assertIn('--json', told)
        self.assertIn('barrier', told)

    @unittest.skipUnless(shutil.which('zsh'), 'needs zsh')
    def test_zsh_can_read_it(self):
        run('zsh', '-n', self.prefix / 'share/zsh/site-functions/_forklab')

    def test_uninstalling_leaves_nothing(self):
        """Meson notes what it installed; uninstalling needs nothing else."""
        root = pathlib.Path(tempfile.mkdtemp())
        try:
            run('meson', 'install', '-C', BUILD, '--no-rebuild', env=dict(os.environ, DESTDIR=str(root)))
            self.assertTrue(any(name.endswith('bin/forklab') for name in files_in(root)))
            run('meson', '--internal', 'uninstall', cwd=BUILD)
            self.assertEqual(set(), files_in(root))
        finally:
            shutil.rmtree(root)


if __name__ == '__main__':
    unittest.main(verbosity=2)
