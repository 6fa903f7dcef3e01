"""swaks, as operators try a server of mail: a lot that is taken, and a sender that is not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from etalon_wire.mail.receipts import parse_receipt
from mail_scene import AT_HOSPITAL, posted

if not shutil.which("swaks"):
    pytest.skip("no swaks", allow_module_level=True)


def test_swaks_delivers_a_lot_and_no_mail_of_a_stranger(tmp_path: Path) -> None:
    """Taken from a mailbox of the directory; 530 from any other, and swaks says so."""
    with posted(tmp_path / "maildir") as post:
        host, port = post.smtp
        (tmp_path / "mail.eml").write_bytes(post.body(0, "by swaks"))
        asked = ["swaks", "--server", host, "--port", str(port), "--silent", "2"]
        asked += ["--to", post.to(0), "--data", f"@{tmp_path}/mail.eml", "--from"]
        here = os.environ | {"PATH": f"/usr/sbin:/usr/bin:{os.environ['PATH']}"}

        taken = subprocess.run([*asked, AT_HOSPITAL], capture_output=True, check=False, env=here)
        other = [*asked, "stranger@hospital.mssante.fr"]
        refused = subprocess.run(other, capture_output=True, check=False, env=here)

        assert (taken.returncode, taken.stderr) == (0, b"")
        assert b"530 5.7.1" in refused.stdout + refused.stderr
        assert len(post.documents(0)) == 1
    receipts = [parse_receipt(one.read_bytes()) for one in (tmp_path / "maildir/new").iterdir()]
    assert [one.code for one in receipts if one] == [0]
