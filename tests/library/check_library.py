"""check_library.py BUILD: what `cmake --install` puts in place, and libmindee as somebody else's program meets it: its
tables are read, and the example is built against it, in C and in C++, shared and static, with pkg-config and with CMake, and
sends an invoice to the sandbox. What a missing tool would check is skipped, and said."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.abspath(sys.argv.pop(1))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = os.path.join(SOURCE, "config", "examples", "send_one.c")
MODEL = "11111111-1111-4111-8111-0000000e0001"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(own C)
find_package(mindee 0.1 REQUIRED)
add_executable(send_one %s)
target_link_libraries(send_one PRIVATE mindee::mindee)
"""
# A program with names of its own that are ours, too, inside.
CLASH = """
#include <mindee.h>
void buffer_append(void);
void buffer_append(void) {}
int loop_new, error_set, endpoint_init;
int main(void) { return mindee_webhook_verify("", "", 0, "") || !mindee_version()[0]; }
"""


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, **more)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="mb-library-")
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.prefix = os.path.join(cls.work, "prefix")
        for component in "libmindee0", "libmindee-dev":
            run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", component)
        found = run("find", cls.prefix, "-name", "libmindee.so.0").split()
        assert len(found) == 1, found
        cls.lib = os.path.dirname(found[0])
        cls.env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(cls.lib, "pkgconfig"), "LD_LIBRARY_PATH": cls.lib}
        cls.sandbox = subprocess.Popen(
            [os.path.join(BUILD, "mindee-batch"), "sandbox", "--port", "0", "--quiet", "--latency-median", "10ms"],
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(cls.sandbox.stdout.close)
        cls.addClassCleanup(cls.sandbox.wait)
        cls.addClassCleanup(cls.sandbox.terminate)
        cls.url = cls.sandbox.stdout.readline().split()[-1]
        run(os.path.join(BUILD, "mindee-batch"), "sandbox", "--samples", "1", os.path.join(cls.work, "samples"))
        cls.invoice = run("find", os.path.join(cls.work, "samples"), "-type", "f").split("\n")[0]

    def config(self, *words):
        return run("pkg-config", *words, "mindee", env=self.env).split()

    def static(self):
        """With its parts from shared libraries: not all that those stand on is there to be linked statically."""
        words = self.config("--cflags", "--libs") + run("pkg-config", "--libs", "libcurl", "libcjson", "libcrypto", "zlib").split() + ["-lm"]
        return [word.replace("-lmindee", "-l:libmindee.a") for word in words]

    def sends(self, *programs):
        """Each, at the same time: it waits three seconds for the job, as Mindee asks for."""
        env = {**self.env, "MINDEE_V2_API_KEY": "md_test_key", "MINDEE_V2_BASE_URL": self.url}
        running = [
            subprocess.Popen([p, MODEL, self.invoice], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for p in programs
        ]
        for program in running:
            said = program.communicate(timeout=120)[0]
            self.assertEqual(program.returncode, 0, said)
            self.assertRegex(said, r"(?m)^supplier_name: .+")
            self.assertRegex(said, r"(?m)^the first line is \d+\.\d+$")

    def test_only_names_of_mindee_are_seen(self):
        shared = run("nm", "-D", "--defined-only", os.path.join(self.lib, "libmindee.so.0"))
        names = [line.split()[-1] for line in shared.splitlines() if " A " not in line]
        self.assertGreater(len(names), 15)
        for name in names:
            self.assertRegex(name, r"^mindee_\w+@@MINDEE_0$")
        static = run("nm", "-g", "--defined-only", os.path.join(self.lib, "libmindee.a"))
        own = [line.split()[-1] for line in static.splitlines() if re.search(r" [A-Z] ", line)]
        self.assertEqual(sorted(own), sorted(name.split("@")[0] for name in names))
        with open(os.path.join(self.prefix, "include", "mindee.h")) as header:
            declared = set(re.findall(r"\b(mindee_\w+)\(", header.read()))
        self.assertEqual(declared - set(own), set(), "declared and not there")

    def test_no_path_of_the_build_is_in_it(self):
        with open(os.path.join(self.lib, "libmindee.so.0"), "rb") as file:
            self.assertNotIn(SOURCE.encode(), file.read())

    def test_the_example_with_pkg_config(self):
        programs = []
        for compiler, standard in ("cc", "-std=c17"), ("c++", "-std=c++17"):
            if not shutil.which(compiler):
                print("skipped: there is no", compiler)
                continue
            for static in False, True:
                out = os.path.join(self.work, f"{compiler}-{static}")
                libs = self.static() if static else self.config("--cflags", "--libs")
                language = ["-xc++" if compiler == "c++" else "-xc", EXAMPLE, "-xnone"]
                run(compiler, standard, *STRICT, *language, "-o", out, *libs)
                self.assertEqual("libmindee.so.0" in run("ldd", out, env=self.env), not static)
                programs.append(out)
        self.sends(*programs)

    def test_the_example_with_cmake(self):
        own = os.path.join(self.work, "own")
        os.mkdir(own)
        with open(os.path.join(own, "CMakeLists.txt"), "w") as file:
            file.write(CMAKE % EXAMPLE)
        run("cmake", "-S", own, "-B", own + "/build", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", own + "/build")
        self.sends(own + "/build/send_one")

    def test_a_program_with_names_like_ours(self):
        source = os.path.join(self.work, "clash.c")
        with open(source, "w") as file:
            file.write(CLASH)
        run("cc", "-o", source[:-2], source, *self.static())
        run(source[:-2])

    def test_it_moves(self):
        moved = os.path.join(self.work, "moved")
        shutil.copytree(self.prefix, moved, symlinks=True)
        pkgconfig = self.env["PKG_CONFIG_PATH"].replace(self.prefix, moved)
        said = run("pkg-config", "--variable=includedir", "mindee", env={**os.environ, "PKG_CONFIG_PATH": pkgconfig}).strip()
        self.assertTrue(os.path.samefile(said, os.path.join(moved, "include")), said)


class Everything(unittest.TestCase):
    """`cmake --install`, as a distribution calls it: nothing is built, and each thing is where such things are."""

    def test_where_things_are(self):
        prefix = tempfile.mkdtemp(prefix="mb-installed-")
        self.addCleanup(shutil.rmtree, prefix)
        run("cmake", "--install", BUILD, "--prefix", prefix)
        for path in """bin/mindee-batch libexec/mindee-batch/mindee-batch-tools include/mindee.h share/man/man1/mindee-batch.1
                share/man/man1/mindee-batch-run.1 share/man/man1/mindee-batch-sandbox.1 share/man/man3/mindee.3
                share/man/man5/mindee-batch.ini.5 share/bash-completion/completions/mindee-batch
                share/zsh/vendor-completions/_mindee-batch share/fish/vendor_completions.d/mindee-batch.fish
                lib/systemd/system/mindee-batch.service lib/systemd/system/mindee-batch-run.timer
                share/doc/mindee-batch/LICENSE share/doc/mindee-batch/examples/mindee-batch.ini
                share/doc/libmindee-dev/examples/send_one.c""".split():
            self.assertTrue(os.path.isfile(os.path.join(prefix, path)), path)
        with open(os.path.join(prefix, "lib/systemd/system/mindee-batch.service"), encoding="utf-8") as unit:
            text = unit.read()
        self.assertIn(f"\nExecStart={prefix}/bin/mindee-batch serve ", text)
        self.assertNotRegex(text, "/usr/local|cmake --install")
        self.assertRegex(run(os.path.join(prefix, "bin/mindee-batch"), "--version"), "^mindee-batch ")
        for page in run("find", os.path.join(prefix, "share/man"), "-name", "*.3").split() if shutil.which("mandoc") else ():
            self.assertEqual(run("mandoc", "-Tlint", "-Wwarning", page), "")


if __name__ == "__main__":
    unittest.main(verbosity=1)
