# noticed: one non-recursive Makefile. `make help` lists the targets.
# Objects live under build/$(MODE)/, so release, asan and tsan stand side by side.
# HS=vectorscan builds against Vectorscan instead of Hyperscan, in folders of its own beside these;
# objects that know of neither are those of build/$(MODE)/.
MODE    ?= release
HS      ?= hyperscan
PREFIX  ?= /usr/local
DESTDIR ?=
CC      := gcc
CXX     := g++
B       := build/$(MODE)$(if $(filter vectorscan,$(HS)),-vectorscan)
NEUTRAL := build/$(MODE)
GEN     := build/gen
Q       := $(if $(V),,@)
VERSION := 0.1.0
# Not `git describe --dirty`: it calls a tree dirty when another git holds the lock of the index.
COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$(shell \
             git --no-optional-locks diff --quiet HEAD >/dev/null 2>&1; [ $$? != 1 ] || echo -dirty)

WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla \
        -Wcast-qual -Wcast-align=strict -Wwrite-strings -Wpointer-arith -Wformat=2 -Wswitch-enum \
        -Wimplicit-fallthrough=5 -Wduplicated-cond -Wduplicated-branches -Wlogical-op \
        -Wdouble-promotion -Wbidi-chars=any -Wtrampolines
CWARN := $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
          -fcf-protection=full -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr \
          -fno-delete-null-pointer-checks -fno-strict-overflow
HARDLD := -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,-z,nodlopen

# gcc would zero structs of a few hundred bytes by rep stos, which takes some 35 cycles to begin; hot
# functions do it for each listing (5 % of the pipeline), not least by -ftrivial-auto-var-init.
ZEROING := -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign
mode.release := -O2 $(HARDEN) -Wnull-dereference $(ZEROING)
# Lines are enough for a stack, and link in half the time.
mode.asan    := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
mode.tsan    := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
mode.fuzz    := -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
                -fno-omit-frame-pointer
link.release := $(HARDLD) -ljemalloc
link.asan    := -fsanitize=address,undefined
link.tsan    := -fsanitize=thread
link.fuzz    := -fsanitize=fuzzer,address,undefined
ifeq ($(origin mode.$(MODE)),undefined)
$(error MODE=$(MODE) is not known: use release, asan, tsan or fuzz)
endif
# libFuzzer is clang's; gcc judges the warnings.
ifeq ($(MODE),fuzz)
CC    := clang-14
CXX   := clang++-14
CWARN := -w
WARN  := -w
endif

# The two packages cannot be installed together, so that Vectorscan's is only unpacked.
VECTORSCAN := build/vectorscan
HS_INCLUDE := /usr/include/hs
ifeq ($(HS),vectorscan)
HS_INCLUDE := $(VECTORSCAN)/usr/include/hs
HS_READY   := $(VECTORSCAN)/unpacked
HS_LIB     := $(CURDIR)/$(VECTORSCAN)/usr/lib/$(shell $(CC) -print-multiarch)
HS_LINK    := -L$(HS_LIB) -Wl,-rpath,$(HS_LIB)
else ifneq ($(HS),hyperscan)
$(error HS=$(HS) is not known: use hyperscan or vectorscan)
endif

BASE     := -g -fPIE -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)=. -MMD -MP \
            -I. -I$(GEN) -isystem $(HS_INCLUDE) -D_GNU_SOURCE $(mode.$(MODE))
CFLAGS   := -std=c17 $(CWARN) $(BASE)
CXXFLAGS := -std=c++17 -fno-exceptions -fno-rtti $(WARN) $(BASE)
LDFLAGS  := -pie -Wl,--as-needed $(HS_LINK)
# Programs that only test are linked by lld, which takes half the time.
TESTLD   := $(LDFLAGS) -fuse-ld=lld
LIBS     := -lm -lhs -lsimdjson -lfyaml -lcrypto -lzstd -lz -lxml2 -lsqlite3 -l:liburing.a -pthread $(link.$(MODE))

c_of = $(patsubst %.c,$(2)/%.o,$(wildcard $(1)))
MATCHER_O := $(call c_of,matcher/*.c,$(B)) $(patsubst %,$(B)/gen/%_tables.o,fold looks words)
IO_O      := $(call c_of,io/*.c,$(NEUTRAL))
MAINS     := $(NEUTRAL)/daemon/main.o
DAEMON_O  := $(filter-out $(MAINS),$(call c_of,daemon/*.c daemon/ledger/*.c daemon/knowledge/*.c,$(NEUTRAL))) $(NEUTRAL)/daemon/json.o
SEALER_MAIN := $(NEUTRAL)/daemon/sealer/main.o
SEALER_O  := $(filter-out $(SEALER_MAIN),$(call c_of,daemon/sealer/*.c,$(NEUTRAL)))
WEB_MAIN  := $(NEUTRAL)/daemon/web/main.o
WEB_O     := $(filter-out $(WEB_MAIN),$(call c_of,daemon/web/*.c,$(NEUTRAL)))
CTL_MAIN  := $(NEUTRAL)/daemon/ctl/main.o
CTL_O     := $(filter-out $(CTL_MAIN),$(call c_of,daemon/ctl/*.c,$(NEUTRAL)))
PROGRAMS  := noticed noticectl noticed-sealer noticed-web
# Under TSan stands the daemon; of the tools, what makes threads.
ifeq ($(MODE),tsan)
WEB_O     :=
CTL_O     := $(NEUTRAL)/daemon/ctl/hash_pool.o
PROGRAMS  := noticed noticed-sealer
endif
# In bench/ these are the programs; the other files are theirs to share.
BENCH     := $(patsubst %,$(B)/bench/%,corpus scan sets compile hostile ingest knowledge ledger warc)
BENCH_O   := $(filter-out $(BENCH:=.o),$(call c_of,bench/*.c,$(B)))
UNIT_C    := $(wildcard tests/unit/test_*.c)
FAKES_O   := $(call c_of,tests/fakes/*.c,$(B))
FUZZ_C    := $(wildcard tests/fuzz/fuzz_*.c)
ARCHIVES  := $(B)/libdaemon.a $(B)/libmatcher.a $(B)/libio.a
# The unit tests are one program, so that 150 of them are linked once: each is a link to it, by whose name it
# knows which to run. TESTS says which are in it. Those that put something in the engine's place stand alone.
TESTS     ?= $(notdir $(UNIT_C:.c=))
ALONE     := test_matcher_fallback test_matcher_hostile
UNIT      := $(addprefix $(B)/tests/unit/,$(TESTS))
ALL_UNITS := $(addprefix $(B)/tests/unit/,$(filter-out $(ALONE),$(TESTS)))
FUZZERS   := $(patsubst %.c,$(B)/%,$(FUZZ_C))
OUT       := $(if $(filter build/release,$(B)),build,$(B))

.PHONY: always all man sbom deb check-deb deps-deb deps deps-bench vectorscan demo check check-long bench fuzz fuzzers install uninstall clean help unit tidy bins corpus
.SUFFIXES: # or tests/fuzz would be made of tests/fuzz.sh
.DELETE_ON_ERROR:
.SECONDARY:
all: bins compile_commands.json
bins: $(PROGRAMS:%=$(OUT)/%)

$(OUT)/noticed: $(MAINS) $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(LIBS)
# ncurses is its screen (top): of all that links the tools' code, only --as-needed keeps it here.
$(OUT)/noticectl: $(CTL_MAIN) $(B)/libctl.a $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ -lncursesw -ltinfo $(LIBS)
# It holds the key, so that nothing is linked that it does not need.
$(OUT)/noticed-sealer: $(SEALER_MAIN) $(B)/libsealer.a $(B)/libdaemon.a $(B)/libio.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto -l:liburing.a -pthread $(filter-out -ljemalloc,$(link.$(MODE)))
$(OUT)/noticed-web: $(WEB_MAIN) $(B)/libweb.a $(B)/libctl.a $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ -lmicrohttpd $(LIBS)
$(B)/libmatcher.a: $(MATCHER_O)
$(B)/libio.a: $(IO_O)
$(B)/libdaemon.a: $(DAEMON_O)
$(B)/libctl.a: $(CTL_O)
$(B)/libsealer.a: $(SEALER_O)
$(B)/libweb.a: $(WEB_O)
$(B)/libbench.a: $(BENCH_O)
$(B)/lib%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

# Only version.o depends on the commit: the header is written when its text changes.
VERSION_H := $(GEN)/version_text.h
VERSION_TEXT := \#define VERSION_TEXT "$(VERSION)"\n\#define VERSION_COMMIT "$(COMMIT)"\n\#define VERSION_LIBURING "$(shell pkg-config --modversion liburing 2>/dev/null)"
ifeq ($(filter clean help deps uninstall,$(MAKECMDGOALS)),)
$(shell mkdir -p $(GEN); printf '%b\n' '$(VERSION_TEXT)' | cmp -s - $(VERSION_H) || \
        printf '%b\n' '$(VERSION_TEXT)' > $(VERSION_H))
endif
$(NEUTRAL)/daemon/version.o: $(VERSION_H)
# The texts of an evidence bundle are linked in as they are.
$(NEUTRAL)/daemon/ctl/bundle_texts.o: $(wildcard daemon/ctl/bundle/*)

# The fold tables are generated from the committed Unicode extract by a program of our own.
TABLES_C := matcher/unicode/make_tables.c matcher/unicode/ucd.c matcher/fold_utf8.c
build/tools/make_tables: $(TABLES_C) matcher/unicode/ucd.h matcher/fold.h matcher/fold_tables.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o $@ $(TABLES_C)
$(GEN)/fold_tables.c: build/tools/make_tables $(wildcard matcher/unicode/*.tsv)
	@mkdir -p $(@D)
	$(Q)build/tools/make_tables matcher/unicode > $@.tmp && mv $@.tmp $@
# Those of the reading by looks rest on the fold itself, so their generator holds it.
LOOKS_C := matcher/unicode/make_looks.c matcher/unicode/ucd.c matcher/notation.c matcher/looks_tag.c $(wildcard matcher/fold*.c)
build/tools/make_looks: $(LOOKS_C) $(GEN)/fold_tables.c $(wildcard matcher/*.h) matcher/unicode/ucd.h
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o $@ $(LOOKS_C) $(GEN)/fold_tables.c
$(GEN)/looks_tables.c: build/tools/make_looks $(wildcard matcher/unicode/*.tsv)
	$(Q)build/tools/make_looks matcher/unicode > $@.tmp && mv $@.tmp $@
# The table of ordinary words likewise, from the committed word lists.
build/tools/make_words: matcher/words/make_words.c matcher/words.h matcher/hash.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o $@ $<
$(GEN)/words_tables.c: build/tools/make_words $(wildcard matcher/words/*.txt)
	@mkdir -p $(@D)
	$(Q)build/tools/make_words matcher/words > $@.tmp && mv $@.tmp $@
$(B)/gen/%_tables.o: $(GEN)/%_tables.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<

$(NEUTRAL)/daemon/ctl/page.o $(B)/bench/warc.o: CFLAGS += -isystem /usr/include/libxml2
define compile
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<
endef
$(B)/%.o: %.c Makefile | $(HS_READY)
	$(compile)
$(NEUTRAL)/io/%.o: io/%.c Makefile
	$(compile)
$(NEUTRAL)/daemon/%.o: daemon/%.c Makefile
	$(compile)
$(NEUTRAL)/daemon/%.o: daemon/%.cc Makefile
	@mkdir -p $(@D)
	@echo "  CXX $<"
	$(Q)$(CXX) $(CXXFLAGS) -c -o $@ $<
UNIT_NEEDS := $(FAKES_O) $(B)/libweb.a $(B)/libctl.a $(B)/libsealer.a $(ARCHIVES)
$(ALL_UNITS:=.o): CFLAGS += -DUNIT_MAIN=$(basename $(@F))_main -include tests/unit/one_of_many.h
$(ALL_UNITS): $(B)/tests/unit/all
	$(Q)ln -sf all $@
$(B)/tests/unit/all: $(B)/tests/unit/all.o $(ALL_UNITS:=.o) $(UNIT_NEEDS)
$(addprefix $(B)/tests/unit/,$(ALONE)): %: %.o $(UNIT_NEEDS)
$(addprefix $(B)/tests/unit/,all $(ALONE)):
	@echo "  LINK $@"
	$(Q)$(CXX) $(TESTLD) -o $@ $^ $(LIBS) -lcmocka -licui18n -licuuc
$(B)/tests/unit/all.o: CFLAGS += -DUNIT_NAMES='"$(B)/tests/unit/names.h"'
$(B)/tests/unit/all.o: $(B)/tests/unit/names.h
$(B)/tests/unit/names.h: always
	@mkdir -p $(@D)
	$(Q)printf 'UNIT(%s)\n' $(filter-out $(ALONE),$(TESTS)) | cmp -s - $@ || \
	  printf 'UNIT(%s)\n' $(filter-out $(ALONE),$(TESTS)) > $@
# The targets of the fuzzer likewise.
$(FUZZERS:=.o): CFLAGS += -DLLVMFuzzerTestOneInput=$(basename $(@F))
$(FUZZERS): $(B)/tests/fuzz/all
	$(Q)ln -sf all $@
$(B)/tests/fuzz/all: $(B)/tests/fuzz/all.o $(FUZZERS:=.o) $(UNIT_NEEDS)
	@echo "  LINK $@"
	$(Q)$(CXX) $(TESTLD) -o $@ $^ $(LIBS) -lcmocka
$(B)/tests/fuzz/all.o: CFLAGS += -DFUZZ_NAMES='"$(B)/tests/fuzz/names.h"'
$(B)/tests/fuzz/all.o: $(B)/tests/fuzz/names.h
$(B)/tests/fuzz/names.h: $(wildcard tests/fuzz)
	@mkdir -p $(@D)
	$(Q)printf 'FUZZ(%s)\n' $(notdir $(FUZZERS)) > $@
$(BENCH): $(B)/bench/%: $(B)/bench/%.o $(B)/libbench.a $(B)/libctl.a $(ARCHIVES)
	@echo "  LINK $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(LIBS)

# Man pages: what stands in --help, in the example configuration and in the README's tables is put into
# them from there. Their date is that of the commit, so that two builds are the same.
SCD      := $(wildcard daemon/*.scd daemon/*/*.scd)
MANPAGES := $(patsubst %.scd,build/man/%,$(notdir $(SCD)))
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
vpath %.scd $(sort $(dir $(SCD)))
man: $(MANPAGES)
build/man/%: %.scd daemon/dist/manual.py README.md daemon/noticed.yaml.example $(OUT)/noticectl
	@mkdir -p $(@D)
	@echo "  MAN $@"
	$(Q)python3 daemon/dist/manual.py $< $(OUT)/noticectl $(VERSION) > $@.scd
	$(Q)scdoc < $@.scd > $@.tmp && mv $@.tmp $@ && rm $@.scd

-include $(shell find $(sort $(B) $(NEUTRAL)) -name '*.d' 2>/dev/null)

# deps installs what is missing and does nothing the second time.
# deps-bench adds what our figures are compared with.
DEPS := gcc g++ libc6-dev binutils libhyperscan-dev liburing-dev libjemalloc-dev libcmocka-dev libsimdjson-dev \
        libfyaml-dev libssl-dev libzstd-dev zlib1g-dev libxml2-dev libsqlite3-dev libicu-dev pkg-config python3 jq git clang-14 \
        libmicrohttpd-dev libclang-rt-14-dev clang-tidy-14 clang-format-14 lld xz-utils openssl strace systemd procps scdoc python3-jsonschema \
        python3-scrapy libncurses-dev tmux
deps-bench: DEPS += ripgrep
deps deps-bench deps-deb: $(HS_READY)
	@missing=""; for p in $(DEPS); do \
	  case "$$(dpkg-query -W -f '$${Status}' $$p 2>/dev/null)" in *' ok installed') ;; \
	    *) missing="$$missing $$p";; esac; done; \
	if [ -z "$$missing" ]; then echo "deps: everything is installed"; exit 0; fi; \
	echo "deps: installing$$missing"; SUDO=""; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	$$SUDO apt-get update -q && \
	$$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing

# Fetched and unpacked, never installed: it would replace libhyperscan-dev.
vectorscan: $(VECTORSCAN)/unpacked
$(VECTORSCAN)/unpacked:
	@rm -rf $(VECTORSCAN) && mkdir -p $(VECTORSCAN)
	@echo "  APT libvectorscan-dev"
	$(Q)cd $(VECTORSCAN) && apt-get download -q libvectorscan5 libvectorscan-dev && \
	  for package in *.deb; do dpkg -x "$$package" . || exit 1; done
	@touch $@

demo: deps
	@$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc)) MODE=release HS=hyperscan bins corpus
	@bash daemon/dist/demo.sh
corpus: $(B)/bench/corpus

check: deps
	@bash tests/check.sh
check-long: deps
	@LONG=1 bash tests/check.sh

unit: $(UNIT)
tidy:
	@bash tests/layers.sh && bash tests/tidy.sh

bench: bins $(BENCH)
	@bash bench/run.sh

FUZZ_SECONDS ?= 20
fuzz:
	@$(MAKE) --no-print-directory MODE=fuzz fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) bash tests/fuzz.sh
fuzzers: $(FUZZERS)

# What the programs are linked with, by dpkg's facts (SPDX).
SBOM    ?= build/noticed.spdx.json
SBOM_OF ?= $(filter $(OUT)/notice%,$(shell find $(OUT) -maxdepth 1 -type f -perm -100 | sort))
sbom: bins
	@echo "  SBOM $(SBOM)"
	$(Q)python3 daemon/dist/sbom.py $(VERSION) $(COMMIT) $(patsubst -l:%,-%,$(filter -l:%,$(LIBS))) $(SBOM_OF) \
	  > $(SBOM).tmp && mv $(SBOM).tmp $(SBOM)

# The Debian packages, in build/deb: debian/ is copied to where debhelper wants it, in a copy of the
# files that git knows. DEB_IN is the folder in which they are built; the bits do not depend on it.
DEB_IN ?= build/deb
deb:
	@rm -rf $(DEB_IN) && mkdir -p $(DEB_IN)/noticed-$(VERSION)
	@git archive $$(git stash create 2>/dev/null | grep . || echo HEAD) | tar -x -C $(DEB_IN)/noticed-$(VERSION)
	@cp -r daemon/dist/debian $(DEB_IN)/noticed-$(VERSION)/debian
	@echo $(COMMIT) > $(DEB_IN)/noticed-$(VERSION)/debian/commit
	$(Q)cd $(DEB_IN)/noticed-$(VERSION) && dpkg-buildpackage -b -us -uc > ../build.log 2>&1 || \
	  { tail -n 60 ../build.log; exit 1; }
	@ls $(DEB_IN)/*.deb
# Built twice, compared, judged by lintian, and installed, started, upgraded and removed in a bare Debian.
deps-deb: DEPS += debhelper lintian debootstrap
check-deb: deps-deb
	@bash tests/deb.sh

SHARE := $(DESTDIR)$(PREFIX)/share/noticed
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
UNIT_FILES := $(foreach kind,service socket timer path,$(wildcard daemon/*.$(kind) daemon/*/*.$(kind)))
SYSUSERS := $(DESTDIR)$(PREFIX)/lib/sysusers.d
TMPFILES := $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
MANDIR   := $(DESTDIR)$(PREFIX)/share/man
BASHDIR  := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
install: bins man
	install -Dm755 $(OUT)/noticed $(DESTDIR)$(PREFIX)/bin/noticed
	install -Dm755 $(OUT)/noticectl $(DESTDIR)$(PREFIX)/bin/noticectl
	install -Dm755 $(OUT)/noticed-sealer $(DESTDIR)$(PREFIX)/bin/noticed-sealer
	install -Dm755 $(OUT)/noticed-web $(DESTDIR)$(PREFIX)/bin/noticed-web
	install -Dm644 daemon/noticed.yaml.example $(SHARE)/noticed.yaml
	install -Dm644 daemon/marks.example.tsv $(SHARE)/marks.tsv
	install -Dm644 daemon/cues.example.tsv $(SHARE)/cues.tsv
	install -Dm644 daemon/rules.example.yaml $(SHARE)/rules.yaml
	install -Dm644 daemon/dist/schemas/feed.schema.json $(SHARE)/schemas/feed.schema.json
	install -Dm644 daemon/dist/alerts.yml $(SHARE)/alerts.yml
	for file in $(wildcard daemon/dist/crawlers/*); do install -Dm644 $$file $(SHARE)/crawlers/$${file##*/} || exit 1; done
	install -Dm644 daemon/dist/grafana.json $(SHARE)/grafana.json
	install -d $(UNITS)
	for file in daemon/dist/cookbook/*; do install -Dm644 $$file $(SHARE)/cookbook/$${file##*/} || exit 1; done
	chmod 755 $(SHARE)/cookbook/daily_report.sh
	install -Dm644 daemon/noticed.sysusers $(SYSUSERS)/noticed.conf
	install -Dm644 daemon/noticed.tmpfiles $(TMPFILES)/noticed.conf
	for page in $(MANPAGES); do \
	  install -Dm644 $$page $(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
	for program in noticed noticed-web noticed-sealer; do \
	  install -Dm644 daemon/noticed.bash-completion $(BASHDIR)/$$program || exit 1; done
	install -Dm644 daemon/ctl/noticectl.bash-completion $(BASHDIR)/noticectl
	for unit in $(UNIT_FILES); do \
	  sed 's|@PREFIX@|$(PREFIX)|g' $$unit > $(UNITS)/$${unit##*/} && chmod 644 $(UNITS)/$${unit##*/} || exit 1; done
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,noticed noticectl noticed-sealer noticed-web)
	rm -f $(addprefix $(UNITS)/,$(notdir $(UNIT_FILES))) $(SYSUSERS)/noticed.conf $(TMPFILES)/noticed.conf
	rm -rf $(SHARE)
	for page in $(notdir $(MANPAGES)); do rm -f $(MANDIR)/man$${page##*.}/$$page; done
	rm -f $(addprefix $(BASHDIR)/,noticed noticectl noticed-sealer noticed-web)

clean:
	rm -rf build compile_commands.json

# Folders are prerequisites so that a new file is taken up ("bench" would be the target above).
compile_commands.json: Makefile tests/compile_commands.py $(wildcard matcher matcher/*/ io daemon \
                       daemon/*/ bench/*.c tests/unit tests/fakes tests/fuzz)
	@python3 tests/compile_commands.py '-I. -Ibuild/gen -isystem /usr/include/hs -isystem /usr/include/libxml2' > $@.tmp
	@mv $@.tmp $@

help:
	@echo "make            build build/noticed, noticectl, noticed-sealer and noticed-web"
	@echo "make man        the man pages, in build/man"
	@echo "make deb        the Debian packages, in build/deb; make check-deb tries them in a bare Debian"
	@echo "make deps       install the missing Debian packages with apt-get"
	@echo "make demo       install, build, run the daemon on sample listings, show the feed"
	@echo "make check      everything that must hold: build, tests, sanitizers, house rules"
	@echo "make deps-bench also ripgrep, which make bench compares with"
	@echo "make check-long the same with a million texts where check has 100,000, and more fuzzing"
	@echo "make bench      measure; prints a table and writes build/bench.json"
	@echo "make fuzz       fuzz every parser for FUZZ_SECONDS each (default 20)"
	@echo "make install    DESTDIR= and PREFIX= as usual; make uninstall removes it"
	@echo "make clean      remove build/"
	@echo "MODE=release|asan|tsan|fuzz chooses the build folder; V=1 shows the commands"
	@echo "HS=vectorscan   builds and checks with Vectorscan, which make vectorscan unpacks into build/"
