#!/usr/bin/python3
# ruff: noqa  # a script of its own, run by Debian's Python and not by ours
"""A throw-away Samba Active Directory domain controller on a loopback address.

    samba-ad.py start DIR [--ip 127.0.0.X] [--realm CORP.CONTOSO.COM]
                          [--ldif FILE]... [--cache DIR] [--no-exchange]
                          [--strong-auth yes|allow_sasl_over_tls|no] [--model single|standard|prefork]
    samba-ad.py stop DIR        end the server (by pid); the data stay, `start` resumes them
    samba-ad.py status DIR      print the JSON line again, exit 3 when not running
    samba-ad.py destroy DIR     stop, then delete DIR (only if this script made it)

`start` provisions DIR if it is empty, starts samba, waits until an LDAPS search answers and
prints ONE line of JSON on stdout (everything else goes to stderr).  It is idempotent: on a
running lab it only prints the line.  With --cache a provisioned state (with its --ldif data)
is kept as a tarball and unpacked next time instead of provisioned.

{DOMAIN} in an --ldif file is replaced by the base DN (dc=...), {REALM} by the dns domain.

Debian 12:  apt-get install --no-install-recommends samba samba-dsdb-modules samba-ad-provision openssl
Must run with Debian's python (/usr/bin/python3: the samba module).  Samba's LDAP ports (389, 636, 3268,
3269) are compiled in, so every lab takes its own 127.0.0.X; binding them needs root, or
`unshare -Urn sh -c 'ip link set lo up; ...'`, or socket_wrapper, or
sysctl net.ipv4.ip_unprivileged_port_start=0.  Nothing outside DIR (and --cache) is written.
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import time
import traceback
import uuid

PASSWORD = "Passw0rd!2345"
HOST = "dc1"
PORTS = (389, 636, 88, 464, 3268, 3269)
MARK = ".samba-ad-lab"

SMB_CONF = """\
[global]
    workgroup = {netbios}
    realm = {realm}
    netbios name = {HOST}
    server role = active directory domain controller
    server services = ldap, kdc
    interfaces = {ip}/8
    bind interfaces only = yes
    disable netbios = yes
    ldap server require strong auth = {strong_auth}
    tls enabled = yes
    tls certfile = {dir}/tls/cert.pem
    tls keyfile = {dir}/tls/key.pem
    tls cafile = {dir}/tls/ca.pem
    private dir = {dir}/private
    state directory = {dir}/state
    lock directory = {dir}/lock
    cache directory = {dir}/cache
    binddns dir = {dir}/bind-dns
    pid directory = {dir}/run
    ncalrpc dir = {dir}/run/ncalrpc
    ntp signd socket directory = {dir}/run/ntp
    winbindd socket directory = {dir}/run/winbindd
    log file = {dir}/log.samba
    logging = file
    max log size = 10000
[sysvol]
    path = {dir}/state/sysvol
    read only = no
[netlogon]
    path = {dir}/state/sysvol/{dns}/scripts
    read only = no
"""

KRB5_CONF = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = {ip}:88
        kpasswd_server = {ip}:464
    }}
[domain_realm]
    .{dns} = {realm}
    {dns} = {realm}
"""

# Exchange attributes that Samba's schema lacks: cn, lDAPDisplayName, OID, syntax, oMSyntax, searchFlags, GUID.
# proxyAddresses, legacyExchangeDN, showInAddressBook, textEncodedORAddress are in the base schema.
_E, _M = "1.2.840.113556.1.4.7000.102.", "1.2.840.113556.1.2."
_LAB = "1.2.840.113556.1.8000.2554.47110.1."
EXCHANGE = [
    ("ms-Exch-Mail-Nickname", "mailNickname", _M + "447", "2.5.5.12", 64, 5, "bf9679b3-0de6-11d0-a285-00aa003049e2"),
    ("ms-Exch-Target-Address", "targetAddress", _M + "352", "2.5.5.12", 64, 1, "f0f8ff9f-1191-11d0-a060-00aa006c33ed"),
    (
        "ms-Exch-Hide-From-Address-Lists",
        "msExchHideFromAddressLists",
        _E + "73",
        "2.5.5.8",
        1,
        16,
        "a21c0b96-b093-11d2-aa06-00c04f8eedd8",
    ),
    (
        "ms-Exch-Mailbox-Guid",
        "msExchMailboxGuid",
        _E + "11058",
        "2.5.5.10",
        4,
        9,
        "9333af48-b09e-11d2-aa06-00c04f8eedd8",
    ),
    (
        "ms-Exch-Recipient-Type-Details",
        "msExchRecipientTypeDetails",
        _E + "50855",
        "2.5.5.16",
        65,
        1,
        "069ba1f8-540a-42a9-bf26-a7dd35475346",
    ),
    (
        "ms-Exch-Recipient-Display-Type",
        "msExchRecipientDisplayType",
        _E + "50730",
        "2.5.5.9",
        2,
        1,
        "b893abb0-767e-4f20-915f-3857bbc96afe",
    ),
    ("ms-Exch-Remote-Recipient-Type", "msExchRemoteRecipientType", _E + "51611", "2.5.5.16", 65, 1, None),
    (
        "ms-Exch-Home-Server-Name",
        "msExchHomeServerName",
        _E + "47",
        "2.5.5.12",
        64,
        25,
        "a284f30e-b093-11d2-aa06-00c04f8eedd8",
    ),
    # numbers of the lab's own: the real ones were not at hand
    ("ms-Exch-Master-Account-Sid", "msExchMasterAccountSid", _LAB + "1", "2.5.5.17", 4, 1, None),
    ("ms-Exch-Usage-Location", "msExchUsageLocation", _LAB + "2", "2.5.5.12", 64, 0, None),
] + [
    (
        f"ms-Exch-Extension-Attribute-{i}",
        f"extensionAttribute{i}",
        _M + str(422 + i if i <= 10 else 588 + i),
        "2.5.5.12",
        64,
        16,
        None,
    )
    for i in range(1, 16)
]


def say(*words):
    print("samba-ad:", *words, file=sys.stderr, flush=True)


def die(text):
    say(text)
    sys.exit(1)


class Lab:
    def __init__(self, path):
        self.dir = os.path.abspath(path)

    def p(self, *parts):
        return os.path.join(self.dir, *parts)

    # ---- state ---------------------------------------------------------------------------------
    def load(self):
        try:
            with open(self.p("lab.json")) as f:
                return json.load(f)
        except (OSError, ValueError):
            return None

    def save(self, info):
        with open(self.p("lab.json.new"), "w") as f:
            json.dump(info, f)
        os.replace(self.p("lab.json.new"), self.p("lab.json"))

    @staticmethod
    def starttime(pid):
        """Start time of a process in clock ticks: with the pid it names one process for good."""
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            return None if fields[0] == "Z" else int(fields[19])
        except (OSError, ValueError, IndexError):
            return None

    def pid(self):
        try:
            with open(self.p("server.pid")) as f:
                pid, started = map(int, f.read().split())
        except (OSError, ValueError):
            return None
        return pid if self.starttime(pid) == started else None

    # ---- provisioning --------------------------------------------------------------------------
    def write_conf(self, info, strong_auth):
        for d in ("etc", "private", "state", "lock", "cache", "run", "bind-dns", "tls"):
            os.makedirs(self.p(d), exist_ok=True)
        with open(self.p("etc", "smb.conf"), "w") as f:
            f.write(
                SMB_CONF.format(
                    HOST=HOST.upper(),
                    dir=self.dir,
                    netbios=info["netbios"],
                    realm=info["realm"],
                    dns=info["dns_domain"],
                    ip=info["ip"],
                    strong_auth=strong_auth,
                )
            )
        with open(self.p("krb5.conf"), "w") as f:
            f.write(KRB5_CONF.format(realm=info["realm"], dns=info["dns_domain"], ip=info["ip"]))
        with open(self.p("hosts"), "w") as f:  # for NSS_WRAPPER_HOSTS
            f.write(f"{info['ip']} {info['host']} {HOST}\n")

    def open_db(self, batch=False, schema=False):
        from samba.auth import system_session
        from samba.param import LoadParm
        from samba.samdb import SamDB

        lp = LoadParm()
        lp.load(self.p("etc", "smb.conf"))
        if schema:
            lp.set("dsdb:schema update allowed", "yes")
        # batch_mode: no nested index transactions; 5 times faster at 10,000 adds, and linear
        options = ["batch_mode:1", "transaction_index_cache_size:400000"] if batch else []
        return SamDB(self.p("private", "sam.ldb"), session_info=system_session(), lp=lp, options=options)

    def provision(self, info, ldifs, exchange):
        t = time.time()
        with quiet(self.p("provision.log")):
            in_child(self.make_domain, info)
            in_child(self.settle_domain, info)
            if exchange:
                in_child(self.add_exchange_attributes, info)
                in_child(self.use_exchange_attributes, info)
        say(f"provisioned {info['realm']} in {time.time() - t:.1f} s")
        for name in ldifs:
            t = time.time()
            with quiet(self.p("provision.log")):
                n = in_child(self.load_ldif, info, name)
            say(f"loaded {n} records of {name} in {time.time() - t:.1f} s")

    def make_domain(self, info):
        import logging
        from samba.auth import system_session
        from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
        from samba.param import LoadParm
        from samba.provision import FILL_FULL, provision

        log = logging.getLogger("provision")
        log.setLevel(logging.ERROR)
        lp = LoadParm()
        lp.load(self.p("etc", "smb.conf"))
        # skip_sysvolacl: no file service here, so neither root nor a file system with ACLs is needed
        provision(
            log,
            system_session(),
            smbconf=self.p("etc", "smb.conf"),
            targetdir=None,
            samdb_fill=FILL_FULL,
            realm=info["realm"],
            domain=info["netbios"],
            hostname=HOST,
            hostip="127.0.0.1",
            adminpass=PASSWORD,
            dns_backend="NONE",
            dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
            serverrole="active directory domain controller",
            skip_sysvolacl=True,
            lp=lp,
        )

    def settle_domain(self, info):
        db = self.open_db()
        db.set_maxPwdAge(str(-0x8000000000000000))  # else a cached lab's passwords expire after 42 days
        db.set_minPwdAge("0")
        # what samba_spnupdate would add: without it Kerberos does not know ldap/HOST
        db.modify_ldif(
            f"dn: CN={HOST.upper()},OU=Domain Controllers,{info['base_dn']}\nchangetype: modify\n"
            "add: servicePrincipalName\n"
            + "".join(
                f"servicePrincipalName: {s}\n"
                for s in (
                    f"ldap/{info['host']}",
                    f"ldap/{HOST.upper()}",
                    f"ldap/{info['host']}/{info['dns_domain']}",
                    f"GC/{info['host']}/{info['dns_domain']}",
                )
            )
        )

    def add_exchange_attributes(self, info):
        nc = f"CN=Schema,CN=Configuration,{info['base_dn']}"
        db = self.open_db(schema=True)
        db.transaction_start()
        for cn, name, oid, syntax, om, flags, guid in EXCHANGE:
            ldif = (
                f"dn: CN={cn},{nc}\nobjectClass: top\nobjectClass: attributeSchema\ncn: {cn}\n"
                f"lDAPDisplayName: {name}\nadminDisplayName: {cn}\nattributeID: {oid}\n"
                f"attributeSyntax: {syntax}\noMSyntax: {om}\nisSingleValued: TRUE\nsearchFlags: {flags}\n"
                "isMemberOfPartialAttributeSet: TRUE\nshowInAdvancedViewOnly: TRUE\n"
            )
            if guid:
                ldif += "schemaIDGUID:: " + base64.b64encode(uuid.UUID(guid).bytes_le).decode() + "\n"
            db.add_ldif(ldif)
        db.transaction_commit()

    def use_exchange_attributes(self, info):
        # users, groups and contacts all have the auxiliary class mailRecipient
        self.open_db(schema=True).modify_ldif(
            f"dn: CN=Mail-Recipient,CN=Schema,CN=Configuration,{info['base_dn']}\nchangetype: modify\n"
            "add: mayContain\n" + "".join(f"mayContain: {a[1]}\n" for a in EXCHANGE)
        )

    def load_ldif(self, info, name):
        """Add or modify what an LDIF file says, offline, in one transaction."""
        import ldb

        with open(name) as f:
            text = f.read().replace("{DOMAIN}", info["base_dn"]).replace("{REALM}", info["dns_domain"])
        db = self.open_db(batch=True)
        n = 0
        db.transaction_start()
        try:
            for change, msg in db.parse_ldif(text):
                if change == ldb.CHANGETYPE_MODIFY:
                    db.modify(msg)
                elif change == ldb.CHANGETYPE_DELETE:
                    db.delete(msg.dn)
                else:
                    db.add(msg)
                n += 1
        except BaseException:
            db.transaction_cancel()
            raise
        db.transaction_commit()
        return n

    # ---- the cache -----------------------------------------------------------------------------
    STATE = ("private", "state", "lock", "bind-dns", "cache")

    def cache_file(self, cache, info, ldifs, exchange):
        h = hashlib.sha256()
        for part in (
            open(os.path.abspath(__file__), "rb").read(),
            info["realm"].encode(),
            str(exchange).encode(),
            samba_version().encode(),
            *(open(f, "rb").read() for f in ldifs),
        ):
            h.update(hashlib.sha256(part).digest())
        return os.path.join(cache, f"samba-ad-{h.hexdigest()[:20]}.tar.gz")

    def unpack(self, name):
        with tarfile.open(name) as tar:
            tar.extractall(self.dir)

    def pack(self, name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        new = f"{name}.{os.getpid()}.new"
        with tarfile.open(new, "w:gz", compresslevel=1) as tar:
            for d in self.STATE:
                tar.add(self.p(d), d, filter=lambda m: m if m.isreg() or m.isdir() else None)
        os.replace(new, name)  # two labs may write it at once: the last wins, both are whole

    @staticmethod
    def san(info):
        return f"DNS:{info['host']},DNS:{HOST},DNS:localhost,IP:{info['ip']}"

    # ---- TLS -----------------------------------------------------------------------------------
    def make_certs(self, info):
        """A CA and a server certificate whose SAN has the host name, localhost and the address."""
        t = self.p("tls")
        run = lambda *a: subprocess.run(a, cwd=t, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with open(os.path.join(t, "ext"), "w") as f:
            f.write(
                "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n"
                "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
                "[dc]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                "extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                f"subjectAltName={self.san(info)}\n"
            )
        ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "ext")
        os.umask(0o077)  # samba refuses a key file that others may read
        run(
            "openssl",
            "req",
            "-x509",
            *ec,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "3650",
            "-subj",
            f"/O=samba-ad lab/CN={info['realm']} CA",
            "-extensions",
            "ca",
        )
        run("openssl", "req", *ec, "-keyout", "key.pem", "-out", "req.pem", "-subj", f"/CN={info['host']}")
        run(
            "openssl",
            "x509",
            "-req",
            "-in",
            "req.pem",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-set_serial",
            str(int(time.time())),
            "-days",
            "3650",
            "-out",
            "cert.pem",
            "-extfile",
            "ext",
            "-extensions",
            "dc",
        )
        os.umask(0o022)
        os.chmod(os.path.join(t, "ca.pem"), 0o644)
        os.chmod(t, 0o755)
        with open(os.path.join(t, "for"), "w") as f:
            f.write(self.san(info))

    def certs_fit(self, info):
        try:
            with open(self.p("tls", "for")) as f:
                return f.read() == self.san(info)
        except OSError:
            return False

    # ---- the server ----------------------------------------------------------------------------
    def spawn(self, model):
        env = dict(os.environ, TDB_NO_FSYNC="1")  # throw-away data: twice as fast at writes
        for f in ("run/samba.pid",):
            if os.path.exists(self.p(f)):
                os.unlink(self.p(f))
        with open(self.p("server.log"), "a") as log:
            proc = subprocess.Popen(
                [
                    "samba",
                    "-s",
                    self.p("etc", "smb.conf"),
                    "-F",
                    "--no-process-group",
                    "-M",
                    model,
                    "-l",
                    self.dir,
                    "--debug-stdout",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=env,
            )
        with open(self.p("server.pid"), "w") as f:
            f.write(f"{proc.pid} {self.starttime(proc.pid)}\n")
        return proc

    def wait(self, info, proc, seconds=60):
        end = time.time() + seconds
        why = None
        while time.time() < end:
            if proc.poll() is not None:
                raise RuntimeError(f"samba ended with {proc.returncode}:\n" + tail(self.p("server.log")))
            try:
                rootdse(info["ip"], self.p("tls", "ca.pem"))
                return
            except (OSError, ValueError) as e:
                why = e
                time.sleep(0.03)
        raise RuntimeError(f"no LDAPS answer in {seconds} s ({why}):\n" + tail(self.p("server.log")))

    def stop(self):
        pid = self.pid()
        if pid:
            # samba leaves within about a second of a SIGTERM; its databases survive a SIGKILL
            for sig, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
                try:
                    os.kill(pid, sig)
                except ProcessLookupError:
                    break
                end = time.time() + seconds
                while time.time() < end and self.pid():
                    try:
                        os.waitpid(pid, os.WNOHANG)
                    except ChildProcessError:
                        pass
                    time.sleep(0.02)
                if not self.pid():
                    break
            else:
                die(f"process {pid} does not end")
        if os.path.exists(self.p("server.pid")):
            os.unlink(self.p("server.pid"))
        return pid


def in_child(f, *args):
    """Run f in a child: Samba keeps one loadparm and one handle per database and process, so the
    options of a second open would be ignored."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(r)
            os.write(w, json.dumps(f(*args)).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(1)
    os.close(w)
    with os.fdopen(r, "rb") as pipe:
        data = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError(f"{f.__name__} failed")
    return json.loads(data)


class quiet:
    """Send what provisioning writes to fd 1 and 2 to a file."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        sys.stdout.flush()
        sys.stderr.flush()
        self.saved = os.dup(1), os.dup(2)
        fd = os.open(self.name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.close(fd)

    def __exit__(self, *exc):
        sys.stdout.flush()
        sys.stderr.flush()
        for n, fd in enumerate(self.saved, 1):
            os.dup2(fd, n)
            os.close(fd)


def tail(name, lines=15):
    try:
        with open(name, errors="replace") as f:
            return "".join(f.readlines()[-lines:])
    except OSError:
        return ""


def samba_version():
    return subprocess.run(["samba", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def rootdse(ip, ca):
    """One anonymous LDAP search of the rootDSE over verified TLS, without any LDAP library."""
    query = bytes.fromhex("3025020101632004000a01000a0100020100020100010100870b") + b"objectClass" + b"\x30\x00"
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection((ip, 636), timeout=5) as raw, context.wrap_socket(raw, server_hostname=ip) as s:
        s.sendall(query)
        data = b""
        while b"defaultNamingContext" not in data:
            more = s.recv(65536)
            if not more:
                raise ValueError(f"not a rootDSE: {data[:60]!r}")
            data += more


def address_is_free(ip):
    for port in PORTS:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind((ip, port))
            except PermissionError:
                die(f"may not bind port {port}: run as root, or see --help")
            except OSError:
                return False
    return True


def address_lock(seconds=120):
    """Two labs that start at once must not pick the same address.  An abstract socket is a lock
    that belongs to the network namespace, as the addresses do, and leaves no file."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end = time.time() + seconds
    while True:
        try:
            s.bind("\0samba-ad-lab-address")
            return s
        except OSError:
            if time.time() > end:
                die("another start holds the address lock")
            time.sleep(0.05)


def pick_address(wanted, last):
    if wanted:
        if not address_is_free(wanted):
            die(f"{wanted} is in use on one of the ports {PORTS}")
        return wanted
    for ip in filter(None, [last, *(f"127.0.0.{n}" for n in range(10, 250))]):
        if address_is_free(ip):
            return ip
    die("no free loopback address")


def start(lab, a):
    t0 = time.time()
    if os.path.isdir(lab.dir) and os.listdir(lab.dir) and not os.path.exists(lab.p(MARK)):
        die(f"{lab.dir} is not empty and not a lab of this script")
    os.makedirs(lab.dir, exist_ok=True)
    open(lab.p(MARK), "a").close()
    with open(lab.p(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        info = lab.load()
        pid = lab.pid()
        realm = (a.realm or (info and info["realm"]) or "CORP.CONTOSO.COM").upper()
        if info and info["realm"] != realm:
            die(f"{lab.dir} holds the realm {info['realm']}")
        if pid and info and info["ready"]:
            info["pid"], info["seconds"] = pid, round(time.time() - t0, 2)
            return info
        lab.stop()  # what a start that was cut off may have left
        dns = realm.lower()
        base = ",".join("DC=" + x for x in dns.split("."))
        last = info
        info = {
            "host": f"{HOST}.{dns}",
            "realm": realm,
            "dns_domain": dns,
            "netbios": realm.split(".")[0][:15],
            "base_dn": base,
            "admin_dn": f"CN=Administrator,CN=Users,{base}",
            "admin_upn": f"administrator@{dns}",
            "password": PASSWORD,
            "ca_file": lab.p("tls", "ca.pem"),
            "krb5_conf": lab.p("krb5.conf"),
            "hosts_file": lab.p("hosts"),
            "dir": lab.dir,
        }
        origin = "kept"
        if not os.path.exists(lab.p("provisioned")):
            for d in lab.STATE:  # a provisioning that was cut off leaves half a database
                shutil.rmtree(lab.p(d), ignore_errors=True)
            lab.write_conf(dict(info, ip="127.0.0.1"), a.strong_auth)  # no address gets into the databases
            cached = a.cache and lab.cache_file(a.cache, info, a.ldif, a.exchange)
            if cached and os.path.exists(cached):
                lab.unpack(cached)
                origin = "cache"
            else:
                try:
                    lab.provision(info, a.ldif, a.exchange)
                except RuntimeError as e:
                    die(f"{e}; the end of {lab.p('provision.log')}:\n{tail(lab.p('provision.log'))}")
                origin = "provisioned"
                if cached:
                    lab.pack(cached)
            open(lab.p("provisioned"), "w").close()
        with address_lock():
            ip = pick_address(a.ip, last and last["ip"])
            info.update(ip=ip, url=f"ldaps://{ip}:636", ldap_url=f"ldap://{ip}:389", gc_url=f"ldaps://{ip}:3269")
            lab.write_conf(info, a.strong_auth)
            if not lab.certs_fit(info):
                lab.make_certs(info)
            info.update(origin=origin, ready=False)
            lab.save(info)
            t1 = time.time()
            proc = lab.spawn(a.model)
            try:
                lab.wait(info, proc)
            except RuntimeError as e:
                lab.stop()
                die(str(e))
        info["ready"] = True
        lab.save(info)
        info["pid"] = proc.pid
        info["server_seconds"], info["seconds"] = round(time.time() - t1, 2), round(time.time() - t0, 2)
        return info


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("command", choices=("start", "stop", "status", "destroy"))
    ap.add_argument("dir")
    ap.add_argument("--ip", help="loopback address (default: the first free one from 127.0.0.10)")
    ap.add_argument("--realm", help="default: CORP.CONTOSO.COM, or what DIR already holds")
    ap.add_argument("--ldif", action="append", default=[], help="data to add after provisioning")
    ap.add_argument("--cache", help="folder for the tarballs of provisioned labs")
    ap.add_argument("--no-exchange", dest="exchange", action="store_false", help="leave out the Exchange attributes")
    ap.add_argument("--strong-auth", default="allow_sasl_over_tls", choices=("yes", "allow_sasl_over_tls", "no"))
    ap.add_argument("--model", default="single", choices=("single", "standard", "prefork"))
    a = ap.parse_args()
    if a.ip and not a.ip.startswith("127."):
        die("only loopback addresses (127.x.x.x)")
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    lab = Lab(a.dir)
    if a.command == "start":
        if not shutil.which("samba") or not shutil.which("openssl"):
            die("samba or openssl is missing; see --help for the packages")
        print(json.dumps(start(lab, a)), flush=True)
    elif a.command == "status":
        info, pid = lab.load(), lab.pid()
        if not pid or not info or not info["ready"]:
            say("not running")
            sys.exit(3)
        print(json.dumps(dict(info, pid=pid)))
    else:
        if not os.path.exists(lab.p(MARK)):
            if a.command == "stop" or not os.path.exists(lab.dir):
                return say("no lab there")
            die(f"{lab.dir} is not a lab of this script")
        with open(lab.p(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pid = lab.stop()
            say(f"ended {pid}" if pid else "was not running")
            if a.command == "destroy":
                shutil.rmtree(lab.dir)


if __name__ == "__main__":
    main()
