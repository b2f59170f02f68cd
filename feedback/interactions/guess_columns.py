"""Guesses which of somebody's columns is which of ours, by what such lists call them."""

from collections.abc import Mapping, Sequence

from feedback.interactions.read_file import column_name

# Ours, and what others call it; the first that fits is taken, so the surest names stand first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        "工号", "员工编号", "员工工号", "职工号", "人员编号", "坐席工号", "employee_id",
        "employee_no", "employee_number", "staff_id", "staff_no", "staff_number", "agent_id",
        "user_id", "external_id", "编号", "账号", "number", "id",
    ),
    "name": (
        "姓名", "员工姓名", "真实姓名", "名字", "full_name", "employee_name", "staff_name",
        "agent_name", "display_name", "name", "用户名", "昵称",
    ),
    "email": (
        "邮箱", "电子邮箱", "邮件地址", "邮箱地址", "企业邮箱", "工作邮箱", "电子邮件", "e_mail",
        "email", "email_address", "e_mail_address", "work_email", "mail", "staff_email",
    ),
    "team": (
        "班组", "小组", "组别", "所属班组", "团队", "部门", "所属部门", "部门名称", "team",
        "team_name", "group", "department", "dept", "organisation_unit",
    ),
    "left_at": (
        "离职日期", "离职时间", "离职日", "left_at", "left_on", "leaving_date", "termination_date",
        "end_date", "last_day",
    ),
}  # fmt: skip
# Known, and not taken in: nothing here needs them, and what is not kept cannot be lost.
NOT_KEPT: Mapping[str, tuple[str, ...]] = {
    "phone": (
        "手机", "手机号", "手机号码", "联系电话", "电话", "mobile", "mobile_phone", "phone",
        "telephone", "phone_number",
    ),
    "superior": (
        "直属上级", "上级", "直接上级", "汇报对象", "主管", "manager", "reports_to", "supervisor",
        "superior", "line_manager",
    ),
}  # fmt: skip


def guess_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return their column for each of ours that can be guessed; theirs as they spell it."""
    theirs = {column_name(column): column for column in reversed(columns) if column.strip()}
    found: dict[str, str] = {}
    for ours, names in _NAMES.items():
        for name in names:
            column = theirs.get(column_name(name))
            if column is not None and column not in found.values():
                found[ours] = column
                break
    return found


def not_kept(columns: Sequence[str]) -> list[str]:
    """Return those of their columns that are known and not taken in."""
    known = {name for names in NOT_KEPT.values() for name in names}
    return [column for column in columns if column_name(column) in known]
